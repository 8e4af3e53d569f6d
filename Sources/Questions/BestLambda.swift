import Dynamics
import Experiments
import Figures
import Files

/// The best λ.
///
/// `mgf study optimal-lambda`
///
/// ## The claim
/// There is a λ* > 0 of least test error, for the flow and for descent alike.
///
/// ## What is computed
/// For each of 3 random problems a setting (20 × 30; 2 and 5 non-zeros, feature mean 0 and 3, α = 0.1) the λ between
/// 0.03 and 100 of least test error, for momentum gradient flow (ε = 0) and heavy ball at ε = 0.02: all minima of the
/// error on this range are sought, on nodes at most 0.15 apart in ln λ, by its slope from the sensitivities of the limit where
/// these are within reach, and each is closed in to 1 %. Each problem has a λ* of its own, known to the one who knows
/// θ*: an upper bound for what tuning λ can gain.
///
/// ## What was found
/// The test error of the flow at λ* is 24 and 96 times less than at λ = 0.03 for centred features (2 and 5 non-zeros), and
/// 114 and 1,250 times less at mean 3, at a median λ* between 29 and 87; that of heavy ball is 20, 104, 460 and 1,700 times less, at
/// a median λ* between 64 and 87 (at λ = 0.03 it errs more than the flow, ε being two thirds of λ). On the same problem
/// the least errors of flow and descent agree (quartiles of their ratio 0.997 and 1.000), and so do the median λ*, but for
/// mean 3 and 5 non-zeros, with 29 of the flow and 65 of heavy ball: there several minima are almost equally low. This λ*
/// lies far above λ_c, where the limit is a rough function of λ, and where it lies differs from problem to problem: with
/// one λ for all seeds the gain on centred features is much smaller, see ``Centring`` and ``Sparsity``.
///
/// ![The figure of the study](study-optimal-lambda.svg)
///
/// ```
/// mgf study optimal-lambda --figure study-optimal-lambda.svg
/// ```
public struct BestLambda: Question {
  public let name = "optimal-lambda"
  public let number = 9
  public let claim = "There is a λ* > 0 of least test error, for the flow and for descent alike."
  public let defaultSeeds = 3

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30}}
      method: heavy-ball
      fixed: {lambda_from: 0.03}
      axes: {step: [0, 0.02], nonzeros: [2, 5], mean: [0, 3], \(seeds)}
      stop: {lambda_tolerance: 0.01}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var curves = Curves()
    var words: [String] = []
    var helped = 0
    for (key, members) in table.groups(by: ["step", "nonzeros", "mean"]) {
      let best = table.quartiles("lambda", members)
      let gain = Quartiles(members.map { table["plain_test_error", $0] / table["test_error", $0] })
      var row = JSONObject(["step": .number(key[0]), "nonzeros": .integer(Int(key[1])), "mean": .number(key[2])])
      row.set(best, "lambda_optimal")
      row.set(gain, "gain")
      rows.append(row)
      if gain.median > 1.1 { helped += 1 }
      curves.add("\(motion(key[0])), \(Int(key[1])) non-zeros", key[2], gain)
      if key[0] == 0 {
        words.append(
          "mean \(short(key[2])), \(Int(key[1])) non-zeros: λ* = \(short(best.median, digits: 2)) (\(short(best.low, digits: 2)) to "
            + "\(short(best.high, digits: 2))), gain \(short(gain.median, digits: 2))")
      }
    }
    // The same problem by the flow and by descent.
    var ratios: [Double] = []
    for (_, members) in table.groups(by: ["nonzeros", "mean", "seed"]) {
      guard let flow = members.first(where: { table["step", $0] == 0 }) else { continue }
      for other in members where table["step", other] > 0 {
        ratios.append(table["test_error", other] / table["test_error", flow])
      }
    }
    let ratio = Quartiles(ratios)
    var summary = JSONObject()
    summary.set(ratio, "descent_error_over_flow_error")
    summary["settings"] = .integer(rows.count)
    summary["settings_with_gain"] = .integer(helped)
    return Answer(
      rows: rows, summary: summary,
      verdict: (helped == rows.count ? "holds" : helped > 0 ? "holds only in some settings" : "does not hold here")
        + ": the flow has " + words.joined(separator: "; ")
        + "; the least test error of descent over that of the flow is \(short(ratio.median, digits: 3)) (quartiles "
        + "\(short(ratio.low, digits: 2)), \(short(ratio.high, digits: 2)))",
      figure: Figure(
        "Test error at the smallest λ over that at λ*, (20, 30), medians over seeds", columns: 1,
        panels: [
          curves.panel(
            "gain by λ*", x: "mean of the features", y: "gain in test error", logarithmic: [.y],
            marks: [.init(.y, at: 1, "no gain")])
        ]))
  }
}
