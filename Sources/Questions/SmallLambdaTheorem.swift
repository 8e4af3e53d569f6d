import Dynamics
import Experiments
import Figures
import Files

/// The small-λ theorem.
///
/// `mgf study small-lambda`
///
/// ## The claim
/// For small λ no weight changes its sign, and then every Δ∞ < Δ₀.
///
/// ## What is computed
/// λ_cert = n/(4 maxᵢ‖Xᵢ‖‖r₀‖), known before any run, and λ_c, the smallest λ at which some weight first changes sign:
/// the root of that weight's signed limit, by Newton's method on ∂w/∂λ (heavy ball: by secants). Then the limits at
/// multiples of λ_c from 0.1 to 10, for momentum gradient flow (ε = 0) and heavy ball at ε = 0.01, on 5 random
/// problems (20 × 30, 3 non-zeros), α = 0.01 and 0.1. `mgf thresholds` does the same for one problem, with the slope d
/// ln Δ∞/dλ at λ = 0 as a quadrature along gradient flow.
///
/// ## What was found
/// λ_cert is 0.50 of λ_c in the median (quartiles 0.44 and 0.54), never above. Below λ_c no Δ∞ reaches Δ₀ in any of
/// 100 runs, of flow and descent alike: the theorem holds. At λ_c one Δ∞ vanishes (0.0013 of Δ₀ at 1.01 λ_c, the least
/// of its run); just above it every Δ∞ is still below Δ₀, though the theorem no longer says so. At 5 λ_c some Δ∞ has
/// grown in every run, to 2 or 3 times Δ₀, at 10 λ_c to 5 or 17 times (medians, α = 0.1 and 0.01): the condition is
/// sufficient, and within a factor of 5 of where the conclusion fails.
///
/// ![The figure of the study](study-small-lambda.svg)
///
/// ```
/// mgf study small-lambda --figure study-small-lambda.svg
/// ```
public struct SmallLambdaTheorem: Question {
  public let name = "small-lambda"
  public let number = 8
  public let claim =
    "For small λ no weight changes sign and every Δ∞ < Δ₀: up to λ_c, which is at least λ_cert."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: heavy-ball
      axes: {step: [0, 0.01], alpha: [0.01, 0.1], lambda_ratio: [0.1, 0.3, 0.6, 0.9, 0.99, 1.01, 1.2, 2, 5, 10], \(seeds)}
      stop: {delta_tolerance: 1e-6}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var curves = Curves()
    var (failuresBelow, runsBelow, firstFailure) = (0, 0, Double.infinity)
    let most = table["delta_ratio_max"]
    for (key, members) in table.groups(by: ["step", "alpha"]) {
      for (ratio, own) in table.split(members, by: "lambda_ratio") {
        let growing = own.count { !(most[$0] < 1) }
        var row = JSONObject(["step": .number(key[0]), "alpha": .number(key[1]), "lambda_ratio": .number(ratio)])
        row.set(table.quartiles("delta_ratio_max", own), "delta_ratio_max")
        row.set(table.quartiles("delta_ratio_min", own), "delta_ratio_min")
        row["runs_with_growing_delta"] = .integer(growing)
        rows.append(row)
        curves.add("\(motion(key[0])), α = \(short(key[1]))", ratio, own.map { most[$0] }.max() ?? .nan)
        if ratio < 1 {
          runsBelow += own.count
          failuresBelow += growing
        } else if growing > 0 {
          firstFailure = min(firstFailure, ratio)
        }
      }
    }
    // λ_cert is of the flow.
    let shares = (0..<table.count).filter { table["step", $0] == 0 }.map {
      table["lambda_certified", $0] / table["lambda_critical", $0]
    }
    let isCertified = shares.allSatisfy { !($0 > 1) }
    let share = Quartiles(shares)
    var summary = JSONObject()
    summary.set(share, "certified_share")
    summary["runs_below"] = .integer(runsBelow)
    summary["runs_below_with_growing_delta"] = .integer(failuresBelow)
    summary.set("first_ratio_with_growing_delta", firstFailure, otherwise: "every Δ∞ < Δ₀ in all runs")
    return Answer(
      rows: rows, summary: summary,
      verdict: (isCertified && failuresBelow == 0 ? "holds" : "does not hold here")
        + ": λ_cert is \(short(share.median, digits: 2)) of λ_c in the median, and \(isCertified ? "never" : "sometimes") above it; "
        + "below λ_c some Δ∞ ≥ Δ₀ in \(failuresBelow) of \(runsBelow) runs"
        + (firstFailure.isFinite ? ", above first at \(short(firstFailure)) λ_c" : ", above in none"),
      figure: Figure(
        "Largest Δ∞/Δ₀ over features and seeds, (20, 30)", columns: 1,
        panels: [
          curves.panel(
            "below and above λ_{c}", x: "λ / λ_{c}", y: "max Δ∞/Δ₀", logarithmic: [.x, .y],
            marks: [
              .init(.x, at: share.median, "λ_{cert}"), .init(.x, at: 1, "λ_{c}"), .init(.y, at: 1, "Δ∞ = Δ₀"),
            ])
        ]))
  }
}
