import AutoSteppers
import Dynamics
import Experiments
import Figures
import Files
import FoundationEssentials
import GSLSteppers
import ImplicitSteppers
import LinearAlgebra
import Networks
import Regression
import TaylorSteppers

/// Time and gradient passes against error on five problems: small, large, stiff, collinear (gasoline) and gene expression
/// (leukemia), for every stepper of ours and GSL's schemes where they have a chance. The problems are written out, so that
/// `notebooks/rivals.py` can run other people's solvers on them.
enum WorkPrecisionBenchmark {
  /// The last column: the time of auto over that of the better of Taylor and Radau at the same tolerance.
  static let header = ["problem", "stepper", "rtol", "error", "passes", "ms", "auto_ratio"]

  private struct Problem {
    let name: String
    let problem: RegressionProblem
    let alpha: Double
    let lambda: Double
    let until: Double
    let isStiff: Bool
  }

  private static func problems() throws -> [Problem] {
    func gaussian(_ n: Int, _ d: Int) throws -> RegressionProblem {
      try SyntheticProblem(samples: n, features: d, nonzeros: 3, seed: 1).problem()
    }
    func table(_ file: String, _ target: String) throws -> RegressionProblem {
      try RegressionProblem(tableAt: "data/\(file).csv", target: target).standardized()
    }
    return [
      Problem(name: "small", problem: try gaussian(20, 30), alpha: 0.1, lambda: 1, until: 200, isStiff: false),
      Problem(name: "large", problem: try gaussian(100, 1000), alpha: 0.1, lambda: 1, until: 20, isStiff: false),
      // To residual 1e-9.
      Problem(name: "stiff", problem: try gaussian(20, 30), alpha: 1e-3, lambda: 1, until: 1.6e6, isStiff: true),
      Problem(
        name: "gasoline", problem: try table("gasoline", "octane"), alpha: 1e-3, lambda: 1, until: 1e4, isStiff: true),
      Problem(
        name: "leukemia", problem: try table("leukemia", "lineage"), alpha: 1e-3, lambda: 1, until: 1e3, isStiff: false),
    ]
  }

  static func rows(writingProblemsTo folder: String) throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    var rows: [[String]] = []
    for problem in try problems() {
      guard let truth = try run(problem, problem.isStiff ? "radau" : "taylor", problem.isStiff ? 1e-13 : 1e-15) else {
        continue
      }
      try write(problem, truth.weights, to: "\(folder)/\(problem.name)")
      let scale = truth.weights.reduce(1) { max($0, abs($1)) }
      for (name, tolerances) in candidates(problem) {
        for relative in tolerances {
          guard let best = try fastest(problem, name, relative) else { continue }
          let error = zip(best.weights, truth.weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
          rows.append([
            problem.name, name, short(relative), short(error / scale, digits: 3), "\(best.passes)",
            short(best.seconds * 1e3),
          ])
        }
      }
    }
    let times = Dictionary(rows.map { ($0[0...2].joined(separator: " "), Double($0[5])) }) { first, _ in first }
    return rows.map { row in
      let better = ["taylor", "radau"].compactMap { times["\(row[0]) \($0) \(row[2])"] ?? nil }.min()
      guard row[1] == "auto", let better, let own = Double(row[5]) else { return row + ["-"] }
      return row + [short(own / better, digits: 3)]
    }
  }

  /// The fastest of three runs, or of fewer when they are long.
  private static func fastest(_ problem: Problem, _ name: String, _ relative: Double) throws -> Run? {
    var best: Run?
    for _ in 0..<3 {
      guard let run = try run(problem, name, relative) else { return best }
      if run.seconds < best?.seconds ?? .infinity { best = run }
      if run.seconds > 2 { break }
    }
    return best
  }

  private static func candidates(_ problem: Problem) -> [(String, [Double])] {
    let own = [1e-4, 1e-6, 1e-8, 1e-10, 1e-12]
    var list = [("auto", own), ("radau", own), ("radau9", own), ("radau5", [1e-4, 1e-6, 1e-8])]
    if problem.until / problem.lambda < 2e5 { list.insert(("taylor", own + [1e-14]), at: 1) }
    if !problem.isStiff {
      list += [
        ("rk8pd", [1e-6, 1e-9, 1e-12]), ("rkf45", [1e-6, 1e-9]), ("rkck", [1e-6, 1e-9]), ("msadams", [1e-6, 1e-9]),
      ]
    }
    // Dense matrices of 4d × 4d.
    if problem.problem.featureCount <= 100 { list += [("msbdf", [1e-6, 1e-8]), ("bsimp", [1e-6, 1e-9])] }
    return list
  }

  private struct Run {
    let weights: [Double]
    let passes: Int
    let seconds: Double
  }

  /// nil when it takes more than a minute's worth of passes or fails.
  private static func run(_ problem: Problem, _ stepper: String, _ relative: Double) throws -> Run? {
    let network = DiagonalNetwork(problem.problem)
    let d = problem.problem.featureCount
    let flow = try MomentumGradientFlow(network, lambda: problem.lambda, carryingIntegrals: false)
    let start = try Initialization(alpha: problem.alpha, features: d)
    let initial = try InitialValueProblem(flow, from: start.weights + start.rates)
    let tolerance = try Tolerance(relative: relative)
    let method: any Stepper
    switch stepper {
    case "taylor": method = try TaylorStepper(initial, control: .adaptive(tolerance))
    case "auto":
      method = try AutoStepper(
        initial, tolerance: Tolerance(relative: max(0.1 * relative, 1e-15)), implicitTolerance: tolerance,
        method: RadauMethod(stages: 7))
    case "radau", "radau9", "radau5":
      let stages = stepper == "radau" ? 7 : stepper == "radau9" ? 5 : 3
      method = try RadauStepper(initial, control: .adaptive(tolerance), method: RadauMethod(stages: stages))
    default:
      guard let scheme = GSLScheme(rawValue: stepper) else { return nil }
      method = try GSLStepper(scheme, initial, control: .adaptive(tolerance))
    }
    let clock = ContinuousClock()
    let began = clock.now
    let solution = try? integrate(
      method, until: problem.until,
      stoppingWhen: [StopCondition { _ in clock.now - began > .seconds(20) ? .interrupted : nil }])
    let seconds = (clock.now - began).inSeconds
    guard let solution, solution.outcome == .reached else { return nil }
    return Run(
      weights: Array(solution.state[..<(2 * d)]), passes: solution.statistics.passes, seconds: seconds)
  }

  private static func write(_ problem: Problem, _ truth: [Double], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let x = problem.problem.design
    let rows = (0..<x.rows).map { i in (0..<x.columns).map { "\(x[i, $0])" }.joined(separator: ",") }
    func column(_ values: [Double]) -> String { values.map { "\($0)\n" }.joined() }
    try OutputFile.write(text: rows.joined(separator: "\n") + "\n", to: "\(folder)/X.csv")
    try OutputFile.write(text: column(problem.problem.response), to: "\(folder)/y.csv")
    try OutputFile.write(text: column(truth), to: "\(folder)/truth.csv")
    let json =
      "{\"name\": \"\(problem.name)\", \"lambda\": \(problem.lambda), \"alpha\": \(problem.alpha), \"until\": \(problem.until)}\n"
    try OutputFile.write(text: json, to: "\(folder)/problem.json")
  }

  // MARK: The diagram

  /// Draws `work-precision.csv` and, if it is there, `rivals.csv` of `folder` as one panel a problem.
  static func draw(_ folder: String) throws {
    var points: [String: [String: [(error: Double, milliseconds: Double)]]] = [:]
    var order: [String] = []
    for file in ["work-precision.csv", "rivals.csv"] {
      guard let text = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) else { continue }
      for line in text.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard cells.count >= 6, let error = Double(cells[3]), let time = Double(cells[5]) else { continue }
        if points[cells[0]] == nil { order.append(cells[0]) }
        points[cells[0], default: [:]][cells[1], default: []].append((max(error, 1e-16), time))
      }
    }
    let shown = [
      "auto", "taylor", "radau", "rk8pd", "scipy-radau", "scipy-dop853", "diffrax-dopri8", "heyoka", "scipy-lsoda",
      "sundials-cvode-adams", "sundials-cvode-bdf",
    ]
    let panels = order.map { name in
      Figure.Panel(
        name, xLabel: "error", yLabel: "time (ms)", xLogarithmic: true, yLogarithmic: true,
        // Those that are missing keep their colour.
        series: shown.map { stepper in
          let list = (points[name]?[stepper] ?? []).sorted { $0.error < $1.error }
          let isOurs = ["auto", "taylor", "radau"].contains(stepper)
          return Figure.Series(
            stepper, x: list.map(\.error), y: list.map(\.milliseconds), style: isOurs ? .linePoints : .dashedPoints)
        })
    }
    let figure = Figure("Time against error of w at the end, one core", columns: 2, panels: panels)
    for ending in ["svg", "png"] { try figure.write(to: "\(folder)/work-precision.\(ending)") }
  }
}
