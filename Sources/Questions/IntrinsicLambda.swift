import Dynamics
import Experiments
import Figures
import Files
import RealModule

/// One parameter instead of two.
///
/// `mgf study intrinsic-lambda`
///
/// ## The claim
/// The outcome depends on γ and β through λ = γ/(1−β)² alone.
///
/// ## What is computed
/// Heavy ball on a grid of 24 × 24 values of γ (1e-3 … 0.1) and β (0 … 0.97), 3 random problems (20 × 30), each run to
/// its limit within 1e-5. For a predictor, the runs are sorted by it, and half the mean square of the differences
/// between neighbours, over the variance, tells the share of the variance of the logarithms of test error and median
/// Δ∞/Δ₀ that it leaves unexplained. Compared are λ, λ − ε/2 = γ(1+β)/(2(1−β)²), γ and 1/(1−β).
///
/// ## What was found
/// λ leaves 6.2 % of the variance of the test error and 0.8 % of that of the balancedness unexplained; λ − ε/2 does
/// about as well (6.2 % and 0.7 %); γ alone leaves 43 % and 19 %. What is left belongs to λ ≳ 10, where trajectories
/// cross zero often and neighbours differ.
///
/// ![The figure of the study](study-intrinsic-lambda.svg)
///
/// ```
/// mgf study intrinsic-lambda --figure study-intrinsic-lambda.svg
/// ```
public struct IntrinsicLambda: Question {
  public let name = "intrinsic-lambda"
  public let number = 3
  public let claim = "The outcome of heavy ball depends on γ and β through λ = γ/(1−β)² alone."
  public let defaultSeeds = 3

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: heavy-ball
      axes: {gamma: {log: [1e-3, 0.1, 24]}, beta: {complement: [0, 0.97, 24]}, \(seeds)}
      stop: {delta_tolerance: 1e-5, max_iterations: 2000000}
      """
    ]
  }

  /// What may predict the outcome, of γ and β.
  private static let predictors: [(name: String, value: @Sendable (Double, Double) -> Double)] = [
    ("lambda", { $0 / ((1 - $1) * (1 - $1)) }),
    ("lambda_minus_half_step", { $0 * (1 + $1) / (2 * (1 - $1) * (1 - $1)) }),
    ("gamma", { gamma, _ in gamma }), ("beta", { _, beta in 1 / (1 - beta) }),
  ]

  public func answer(_ table: ResultTable) -> Answer {
    let outcomes = ["test_error", "delta_ratio_median"]
    let (gamma, beta) = (table["gamma"], table["beta"])
    let repetitions = table.groups(by: ["seed"]).map(\.rows)
    var rows: [JSONObject] = []
    var left: [String: Double] = [:]
    for predictor in Self.predictors {
      var row = JSONObject(["predictor": .string(predictor.name)])
      for outcome in outcomes {
        let shares = repetitions.map { own in
          unexplained(
            by: own.map { predictor.value(gamma[$0], beta[$0]) },
            own.map { Double.log(max(table[outcome, $0], 1e-300)) })
        }
        let share = Quartiles(shares)
        row.set(share, "unexplained_\(outcome)")
        left["\(predictor.name) \(outcome)"] = share.median
      }
      rows.append(row)
    }
    let (own, other) = (left["lambda test_error"] ?? .nan, left["lambda_minus_half_step test_error"] ?? .nan)
    var summary = JSONObject()
    summary.set("unexplained_by_lambda", own, otherwise: "no run has a test error")
    summary.set("unexplained_by_lambda_minus_half_step", other, otherwise: "no run has a test error")
    let verdict =
      own < 0.1 || other < 0.1
      ? "holds: λ leaves \(short(100 * own, digits: 2)) % of the variance of ln test error unexplained, λ − ε/2 leaves "
        + "\(short(100 * other, digits: 2)) %, so \(preference(own, other)); γ alone "
        + "leaves \(short(100 * (left["gamma test_error"] ?? .nan), digits: 2)) %"
      : "does not hold here: λ leaves \(short(100 * own, digits: 2)) % of the variance of ln test error unexplained"
    let first = repetitions.first ?? []
    let lines = Figure.Series.equalLambda(first.map { (gamma[$0], 1 - beta[$0]) })
    let maps = zip(outcomes, ["test error", "median Δ∞/Δ₀"]).map { outcome, label in
      Figure.Panel(
        label, xLabel: "γ", yLabel: "1 − β", xLogarithmic: true, yLogarithmic: true, series: lines,
        map: Figure.HeatMap(
          first.map { (gamma[$0], 1 - beta[$0], table[outcome, $0]) }, label: label, isLogarithmic: true))
    }
    let panels =
      maps
      + zip(outcomes, ["test error", "median Δ∞/Δ₀"]).map { outcome, label in
        Curves(
          "", x: first.map { Self.predictors[0].value(gamma[$0], beta[$0]) }, y: first.map { table[outcome, $0] },
          style: .points
        ).panel(label, x: "λ = γ/(1−β)²", y: label, logarithmic: [.x, .y])
      }
    return Answer(
      rows: rows, summary: summary, verdict: verdict,
      figure: Figure("Heavy ball over γ × β, one seed: λ = γ/(1−β)² decides", columns: 2, panels: panels))
  }

  private func preference(_ own: Double, _ other: Double) -> String {
    if abs(own - other) <= 0.05 * max(own, other) { return "both predict equally well" }
    return own < other ? "λ predicts better" : "λ − ε/2 = γ(1+β)/(2(1−β)²) predicts better"
  }

  /// Half the mean square of the differences between neighbours in x, over the variance of y: near 0 where y is a function
  /// of x, near 1 where x says nothing.
  private func unexplained(by x: [Double], _ y: [Double]) -> Double {
    let points = zip(x, y).filter { $0.isFinite && $1.isFinite }.sorted { $0.0 < $1.0 }.map(\.1)
    guard points.count > 2 else { return .nan }
    let mean = points.reduce(0, +) / Double(points.count)
    let variance = points.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(points.count)
    let differences = zip(points, points.dropFirst()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return variance > 0 ? 0.5 * differences / Double(points.count - 1) / variance : .nan
  }
}
