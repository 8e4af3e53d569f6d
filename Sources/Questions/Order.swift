import Comparison
import Dynamics
import Experiments
import Figures
import Files

/// Order of the flows.
///
/// `mgf study order`
///
/// ## The claim
/// Iterates with step γ and momentum β follow momentum gradient flow with λ = γ/(1−β)² on the clock t = kε, ε =
/// γ/(1−β); the error is of first order in ε. Flows derived from the iterates' own equation are sharper: corrected
/// flows of order 2 and 3, and an expansion in ε to any order.
///
/// ## What is computed
/// For 5 random problems (6 × 10, two non-zeros), λ = 0.5 and four steps ε from 0.01 to 0.08 the largest distance in
/// w± up to t = 10 between iterates and the flow of order 1 to 5, each flow integrated by its Taylor series at 1e-13
/// and started so that it passes w₋₁. Orders 2 and 3 are flows of their own for each ε; from 4 on the advance–delay
/// equation of the iterates is expanded, W(t) = Σ εᵐ Wₘ(t), and one integration of all Wₘ serves every ε. The slope is
/// fitted for each seed in log–log.
///
/// ## What was found
/// Slopes 0.998, 2.011, 3.028, 4.008 and 5.023 (medians): the claim holds, and the corrections hold with it. At ε =
/// 0.01 the median distances of orders 1, 2 and 3 are 1e-2, 9e-6 and 2e-7. `mgf compare --order` goes on to 12, for
/// heavy ball and Nesterov alike.
///
/// ![The figure of the study](study-order.svg)
///
/// ```
/// mgf study order --figure study-order.svg
/// ```
public struct Order: Question {
  public let name = "order"
  public let number = 1
  public let claim =
    "Iterates at matched λ follow momentum gradient flow to order 1 in ε, its corrections to any order."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
      method: heavy-ball
      fixed: {lambda: 0.5}
      axes: {order: [1, 2, 3, 4, 5], step: {log: [0.01, 0.08, 4]}, \(seeds)}
      stop: {until: 10}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var curves = Curves()
    var misses: [String] = []
    var slopes: [Figure.Series] = []
    for (key, members) in table.groups(by: ["order"]) {
      let order = Int(key[0])
      let fitted = table.split(members, by: "seed").compactMap { _, own in
        convergenceOrder(steps: own.map { table["step", $0] }, errors: own.map { table["path_error", $0] })
      }
      let slope = Quartiles(fitted).median
      summary.set("slope_\(order)", slope, otherwise: "no run has a finite error")
      if !(abs(slope - Double(order)) <= 0.05) { misses.append("order \(order) was found as \(short(slope))") }
      for (step, own) in table.split(members, by: "step") {
        let error = table.quartiles("path_error", own)
        var row = JSONObject(["order": .integer(order), "step": .number(step)])
        row.set(error, "path_error")
        rows.append(row)
        if own.first == members.first {
          slopes.append(.slope(key[0], over: table.values("step"), from: 2.5 * error.median))
        }
        curves.add("order \(order), slope \(short(slope, digits: 3))", step, error)
      }
    }
    return Answer(
      rows: rows, summary: summary,
      verdict: misses.isEmpty ? "holds" : "does not hold here: " + misses.joined(separator: ", "),
      figure: Figure(
        "Distance between iterates and flows at λ = 0.5", columns: 1,
        panels: [
          curves.panel(
            "median and quartiles over seeds, t ≤ 10; dashed: slopes 1 to 5", x: "time step ε", y: "largest error in w",
            logarithmic: [.x, .y], theory: slopes.map { $0.named("") })
        ]))
  }
}
