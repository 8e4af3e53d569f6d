import Experiments
import Figures
import Regression

// 20 samples and 30 features, 3 of which matter; a start at α = 0.1; momentum gradient flow at λ = 1.
let data = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, seed: 1)
let problem = ProblemSpecification(source: .gaussian(data), start: .alpha(0.1), seed: 1)
let flow = try FlowSpecification(kind: .mgf, lambda: 1, stepper: "auto", relative: 1e-12, absolute: 0)

// To t = 100.
let run = try Experiment(problem, .solve(flow, until: .time(100), recording: .count(200))).run()
print("loss at t = 100: \(run.loss ?? .nan)")

// Where it ends, each Δ∞ to 1e-9.
let criteria = try LimitCriteria(of: .flow(flow), deltaTolerance: 1e-9)
let end = try Experiment(problem, .limit(.flow(flow), criteria, sensitivity: false)).run()
print("test error of the limit: \(end.testError ?? .nan)")

// The way there, as a figure.
let curve = Figure.Series("λ = 1", x: run.record?.times ?? [], y: run.record?.loss ?? [])
let panel = Figure.Panel("momentum gradient flow", xLabel: "t", yLabel: "loss", yLogarithmic: true, series: [curve])
try Figure("A first flow", columns: 1, panels: [panel]).write(to: "loss.svg")
