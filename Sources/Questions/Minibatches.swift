import Dynamics
import Experiments
import Figures
import Files

/// Minibatches.
///
/// `mgf study stochastic`
///
/// ## The claim
/// The noise of minibatches shrinks Δ∞ further, the more the smaller the batch, and helps sparse recovery.
///
/// ## What is computed
/// Heavy ball with minibatches of 1, 2, 5, 10 and all 20 samples (a permutation an epoch) at ε = 0.03 and λ = 0.03,
/// 0.1, 0.3 and 1, on 5 random problems (20 × 30, 3 non-zeros, α = 0.1), each run until its limit can be projected to
/// an estimated relative error of 1e-3 in every Δ∞.
///
/// ## What was found
/// The median Δ∞/Δ₀ falls with the batch size at every λ, from 0.99 to 0.84 at λ = 0.03 and from 0.70 to 0.64 at λ =
/// 1, and the median test error with it, from 0.0129 to 0.0105 at λ = 0.03 and from 0.0144 to 0.0140 at λ = 1: the
/// claim holds, and the smaller λ is, the more there is to gain.
///
/// ![The figure of the study](study-stochastic.svg)
///
/// ```
/// mgf study stochastic --figure study-stochastic.svg
/// ```
public struct Minibatches: Question {
  public let name = "stochastic"
  public let number = 7
  public let claim =
    "The noise of minibatches shrinks Δ∞ further, the more the smaller the batch, and helps sparse recovery."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: heavy-ball
      fixed: {step: 0.03}
      axes: {lambda: [0.03, 0.1, 0.3, 1], batch: [1, 2, 5, 10, 20], \(seeds)}
      stop: {delta_tolerance: 1e-3, max_iterations: 3000000}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    for (key, members) in table.groups(by: ["lambda", "batch"]) {
      var row = JSONObject(["lambda": .number(key[0]), "batch": .integer(Int(key[1]))])
      for name in ["delta_ratio_median", "test_error", "iterations"] { row.set(table.quartiles(name, members), name) }
      row["not_converged"] = .integer(members.count { !table["delta_ratio_median", $0].isFinite })
      rows.append(row)
    }
    var summary = JSONObject()
    var words: [String] = []
    var (shrinks, helps) = (true, true)
    var (ratios, errors) = (Curves(), Curves())
    for (lambda, members) in table.split(by: "lambda") {
      let curve = table.split(members, by: "batch").map { batch, own in
        (
          batch: batch, ratio: table.quartiles("delta_ratio_median", own), error: table.quartiles("test_error", own)
        )
      }
      for point in curve {
        ratios.add("λ = \(short(lambda))", point.batch, point.ratio)
        errors.add("λ = \(short(lambda))", point.batch, point.error)
      }
      guard let small = curve.first(where: { $0.ratio.median.isFinite }), let full = curve.last else { continue }
      shrinks = shrinks && small.ratio.median < full.ratio.median
      helps = helps && small.error.median < full.error.median
      summary.set("delta_gain_lambda_\(short(lambda))", full.ratio.median / small.ratio.median, otherwise: "unknown")
      words.append(
        "λ = \(short(lambda)): median Δ∞/Δ₀ \(short(full.ratio.median, digits: 3)) with all samples, \(short(small.ratio.median, digits: 3)) with "
          + "\(Int(small.batch)), test error \(short(full.error.median, digits: 3)) and \(short(small.error.median, digits: 3))"
      )
    }
    return Answer(
      rows: rows, summary: summary,
      verdict: (shrinks && helps
        ? "holds" : shrinks ? "Δ∞ shrinks, but the test error need not fall" : "does not hold here")
        + "; " + words.joined(separator: "; "),
      figure: Figure(
        "Heavy ball with minibatches, ε = 0.03: medians over seeds", columns: 2,
        panels: [
          ratios.panel("median Δ∞/Δ₀", x: "batch size", y: "median Δ∞/Δ₀", logarithmic: [.x]),
          errors.panel("test error", x: "batch size", y: "test error", logarithmic: [.x, .y]),
        ]))
  }
}
