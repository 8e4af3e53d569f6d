import Dynamics
import Experiments
import Figures
import Files
import ImplicitBias
import RealModule
import Sweeps

/// From saddle to saddle.
///
/// `mgf study saddle-to-saddle`
///
/// ## The claim
/// From a start of scale α → 0 flows need a time ∝ ln(1/α), leaving one saddle after the other, and end at the
/// interpolator of least ℓ1 norm.
///
/// ## What is computed
/// Gradient flow (λ = 0) and momentum gradient flow at λ = 0.1 and 1 on 5 random problems (5 × 7, 2 non-zeros, the
/// setting of Pesme and Flammarion 2023), α from 1e-1 to 1e-120, each to a residual of 1e-6: the time over ln(1/α),
/// and ‖θ‖₁ over the least ℓ1 norm of an interpolator (linear programme), less 1.
///
/// ## What was found
/// At α = 1e-120 the time is 2.3 ln(1/α) for gradient flow and λ = 0.1, 2.7 ln(1/α) for λ = 1, and the ℓ1 norm exceeds
/// the least one by 2e-7 or less, as far as the residual of 1e-6 lets one see. For α between 1e-8 and 1e-1 the tail
/// dominates instead: its rate is proportional to Δ∞, and the time grows to 1e5 ln(1/α) before the logarithm takes
/// over. Momentum does not change the end point, and makes the journey a little longer.
///
/// ![The figure of the study](study-saddle-to-saddle.svg)
///
/// ```
/// mgf study saddle-to-saddle --figure study-saddle-to-saddle.svg
/// ```
public struct SaddleToSaddle: Question {
  public let name = "saddle-to-saddle"
  public let number = 11
  public let claim =
    "From a start of scale α → 0 flows need a time ∝ ln(1/α) and end at the interpolator of least ℓ1 norm."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {preset: saddle-5x7}
      method: mgf
      axes: {lambda: [0, 0.1, 1], alpha: [1e-120, 1e-60, 1e-30, 1e-15, 1e-8, 1e-4, 1e-2, 1e-1], \(seeds)}
      stop: {residual: 1e-6}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var least: [Double: Double] = [:]
    for (seed, members) in table.split(by: "seed") {
      if let setup = try? Run.load(table.study, table.study.settings(members[0])) {
        least[seed] = SparsestInterpolator(setup.problem)?.norm
      }
    }
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var words: [String] = []
    var (times, norms) = (Curves(), Curves())
    var isLeast = true
    for (key, members) in table.groups(by: ["lambda"]) {
      let name = flow(key[0])
      var smallest: (alpha: Double, clock: Double, excess: Double)?
      for (alpha, own) in table.split(members, by: "alpha") {
        let time = Quartiles(own.map { table["time", $0] / Double.log(1 / alpha) })
        let norm = Quartiles(own.map { table["theta_l1", $0] / (least[table["seed", $0]] ?? .nan) - 1 })
        var row = JSONObject(["lambda": .number(key[0]), "alpha": .number(alpha)])
        row.set(time, "time_over_log")
        row.set(norm, "l1_excess")
        rows.append(row)
        let excess = max(abs(norm.median), 1e-16)
        times.add(name, -Double.log10(alpha), time)
        norms.add(name, -Double.log10(alpha), Quartiles(norm.values.map { max(abs($0), 1e-16) }))
        smallest = smallest ?? (alpha, time.median, excess)
      }
      isLeast = isLeast && smallest?.excess ?? 1 < 1e-3
      summary.set("time_over_log_lambda_\(short(key[0]))", smallest?.clock, otherwise: "no run ended")
      summary.set("l1_excess_lambda_\(short(key[0]))", smallest?.excess, otherwise: "no run ended")
      words.append(
        "\(name): t/ln(1/α) = \(short(smallest?.clock ?? .nan, digits: 3)) and an ℓ1 norm "
          + "\(short(smallest?.excess ?? .nan, digits: 2)) above the least, relatively, at α = \(short(smallest?.alpha ?? .nan))"
      )
    }
    return Answer(
      rows: rows, summary: summary,
      verdict: (isLeast ? "holds" : "does not hold here") + "; " + words.joined(separator: "; "),
      figure: Figure(
        "From saddle to saddle, (5, 7): medians over seeds", columns: 2,
        panels: [
          times.panel("time to residual 1e-6", x: "−log₁₀ α", y: "t / ln(1/α)", logarithmic: [.y]),
          norms.panel("distance from the least ℓ1 norm", x: "−log₁₀ α", y: "‖θ‖₁ / min ‖θ‖₁ − 1", logarithmic: [.y]),
        ]))
  }
}
