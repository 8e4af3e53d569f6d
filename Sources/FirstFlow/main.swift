import Experiments
import Files
import Regression

// A problem of 20 samples and 30 features, 3 of which matter, and a start at α = 0.1.
let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1).problem()
let setup = try Setup(problem: problem, start: Initialization(alpha: 0.1, features: 30))

// Momentum gradient flow at λ = 1, to t = 100.
let flow = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "auto", relative: 1e-12, absolute: 0)
let run = try FlowRun.run(setup, flow, stop: .time(100), sampling: .count(200))
print("loss at t = 100: \(run.record.loss.last ?? .nan)")

// Where it ends, each Δ∞ to 1e-9.
let criteria = try LimitCriteria(
  route: .project, deltaTolerance: 1e-9, residualTolerance: 1e-9, maximumTime: 1e6)
let end = try limit(setup, of: .flow(flow), criteria).json
print("test error of the limit: \(end.number("test_error") ?? .nan)")

// The way there, as a figure.
let curve = Figure.Series("λ = 1", x: run.record.times, y: run.record.loss)
let panel = Figure.Panel("momentum gradient flow", xLabel: "t", yLabel: "loss", yLogarithmic: true, series: [curve])
try Figure("A first flow", columns: 1, panels: [panel]).write(to: "loss.svg")
