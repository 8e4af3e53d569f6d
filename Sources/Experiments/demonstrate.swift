import Descent
import Dynamics
import Figures
import Files
import Networks

/// What the demonstration runs.
public struct DemonstrationSettings: Sendable {
  /// λ of the momentum flow.
  public let lambda: Double
  /// The discrete steps ε.
  public let steps: [Double]
  /// T.
  public let end: Double
  /// The number of recorded times.
  public let samples: Int
  /// The stepper and its tolerance.
  public let stepper: String
  /// See `stepper`.
  public let relativeTolerance: Double

  /// Settings from their parts.
  public init(
    lambda: Double, steps: [Double], end: Double, samples: Int, stepper: String, relativeTolerance: Double
  ) {
    self.lambda = lambda
    self.steps = steps
    self.end = end
    self.samples = samples
    self.stepper = stepper
    self.relativeTolerance = relativeTolerance
  }
}

/// Gradient flow, momentum gradient flow and momentum gradient descent at matched λ on one problem: the command `demo`.
///
/// `measurements.runRows` and `features` are its tables; `records` and `figure` are for writing. Throws `InvalidInput`.
public func demonstrate(
  _ setup: Setup, _ settings: DemonstrationSettings, monitor: RunMonitor = RunMonitor()
) throws(InvalidInput) -> Demonstration {
  let gf = try FlowSpecification(
    kind: .gf, lambda: nil, stepper: settings.stepper, relative: settings.relativeTolerance, absolute: 0)
  let mgf = try FlowSpecification(
    kind: .mgf, lambda: settings.lambda, stepper: settings.stepper, relative: settings.relativeTolerance, absolute: 0)
  let descents = try settings.steps.map { step throws(InvalidInput) in
    try DescentSettings(lambda: settings.lambda, step: step)
  }
  let stages = Double(3 + descents.count)
  func stage(_ index: Int, _ name: String) -> RunMonitor {
    monitor.reporting { monitor.progress((Double(index) + $0) / stages, "\(name), \($1)") }
  }

  var runs: [Demonstration.Run] = []
  for (index, specification) in [gf, mgf].enumerated() {
    let name = specification.kind.rawValue
    let run = try FlowRun.run(
      setup, specification, stop: .time(settings.end), sampling: .count(settings.samples),
      monitor: stage(index, name))
    runs.append(
      Demonstration.Run(
        name: name, label: name == "gf" ? "gradient flow" : "momentum gradient flow", step: nil, record: run.record,
        outcome: run.outcome, wallSeconds: run.wallSeconds))
    if run.outcome != .reached {
      return Demonstration(setup, settings, runs, nil, run.outcome, failure: run.failure)
    }
  }
  let comparison = try ComparisonRun(
    setup, mgf, steps: settings.steps, until: settings.end, monitor: stage(2, "comparison"))
  for (index, descent) in descents.enumerated() {
    let run = try DescentRun(
      setup, descent, stop: .count(Int((settings.end / descent.step).rounded())),
      recording: .even(count: settings.samples), monitor: stage(3 + index, "mgd, step \(short(descent.step))"))
    runs.append(
      Demonstration.Run(
        name: "mgd_\(index + 1)", label: "momentum gradient descent, ε = \(short(descent.step))", step: descent.step,
        record: run.record, outcome: run.result.outcome, wallSeconds: run.wallSeconds))
    if run.budgetEnd != nil {
      return Demonstration(setup, settings, runs, comparison, run.result.outcome, failure: run.budgetEnd?.text)
    }
  }
  let outcome = runs.map(\.outcome).first { $0 != .reached } ?? comparison.outcome
  return Demonstration(setup, settings, runs, comparison, outcome, failure: comparison.failure)
}

/// What the demonstration found.
public struct Demonstration {
  /// One of its runs.
  public struct Run {
    /// A short name, also that of its files.
    public let name: String
    /// A name for people.
    public let label: String
    /// ε, for a discrete run.
    public let step: Double?
    /// The recorded states.
    public let record: TrajectoryRecord
    /// How it ended.
    public let outcome: Outcome
    /// Seconds of integration or iteration.
    public let wallSeconds: Double

    var balancednessNorms: (start: Double, end: Double) {
      func norm(_ index: Int) -> Double {
        NetworkQuantities.balancedness(record.weights(at: index)).reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      return (norm(0), norm(record.count - 1))
    }

    var theta: [Double] { record.theta(at: record.count - 1) }
  }

  /// The runs in order: gradient flow, momentum gradient flow, the descents.
  public let runs: [Run]
  /// What to print.
  public let measurements: Measurements
  /// What to draw.
  public let figure: Figure

  init(
    _ setup: Setup, _ settings: DemonstrationSettings, _ runs: [Run], _ comparison: ComparisonRun?,
    _ outcome: Outcome, failure: Message?
  ) {
    self.runs = runs
    var result = Measurements("demo", setup, outcome: outcome, failure: failure)
    result.lambda = settings.lambda
    result.until = settings.end
    result.stepper = settings.stepper
    result.relativeTolerance = settings.relativeTolerance
    let rows = comparison?.rows ?? []
    result.runRows = runs.map { run in
      var row = Measurements()
      let norms = run.balancednessNorms
      let theta = run.theta
      row.run = run.name
      row.set(\.step, run.step, otherwise: "a flow has no step")
      row.set(\.loss, run.record.loss.last, otherwise: "nothing was recorded")
      row.deltaNormStart = norms.start
      row.deltaNormEnd = norms.end
      row.signChangeCount = run.record.occurrences.count
      row.features99 = featuresCarrying(0.99, of: theta)
      let measured = rows.first { $0.settings.step == run.step }
      row.set(\.maximumError, measured?.weights.maximum, otherwise: "only iterates are compared with the flow")
      row.seconds = run.wallSeconds
      return row
    }
    result.set(\.slope, comparison?.slope, otherwise: "fewer than two steps have a finite error")
    if let flow = runs.first(where: { $0.name == "mgf" }), let gradient = runs.first {
      let (momentum, plain) = (flow.theta, gradient.theta)
      let order = momentum.indices.sorted { abs(momentum[$0]) > abs(momentum[$1]) }
      result.features = order.prefix(10).map { feature in
        Measurements {
          ($0.feature, $0.name) = (feature, setup.problem.featureNames[feature])
          ($0.thetaMGF, $0.thetaGF) = (momentum[feature], plain[feature])
        }
      }
    }
    measurements = result
    figure = demonstrationFigure(setup, settings, runs, comparison)
  }
}

/// How many of the largest |θᵢ| make up `fraction` of ‖θ‖₁.
package func featuresCarrying(_ fraction: Double, of theta: [Double]) -> Int {
  let sizes = theta.map { abs($0) }.sorted(by: >)
  let total = sizes.reduce(0, +)
  var sum = 0.0
  for (index, size) in sizes.enumerated() {
    if sum >= fraction * total { return index }
    sum += size
  }
  return sizes.count
}
