import Comparison
import Dynamics
import Experiments
import Figures
import Files

/// Acceleration at fixed λ.
///
/// `mgf study acceleration`
///
/// ## The claim
/// At fixed λ the change ε → ρε (β → 1 − ρ(1−β), γ → ρ²γ) follows the same path in 1/ρ of the iterations.
///
/// ## What is computed
/// At λ = 4, on 5 random problems (20 × 30), thirteen steps ε from 0.004 to λ: the iterations to t = 100 and the
/// largest distance from the flow.
///
/// ## What was found
/// The distance grows like ε^1.08 from 25,000 to 44 iterations; from ε = 2.25 (β = 0.44) on some runs diverge, long
/// before β = 0. The claim holds to first order in ε, up to the limit of stability γh < 2(1+β).
///
/// ![The figure of the study](study-acceleration.svg)
///
/// ```
/// mgf study acceleration --figure study-acceleration.svg
/// ```
public struct Acceleration: Question {
  public let name = "acceleration"
  public let number = 2
  public let claim =
    "At fixed λ, ε → ρε follows the same path in 1/ρ of the iterations, while β ≥ 0 and the iteration is stable."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: heavy-ball
      fixed: {lambda: 4, order: 1}
      axes: {step: {log: [0.004, 4, 13]}, \(seeds)}
      stop: {until: 100}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var (steps, iterations, errors): ([Double], [Double], [Double]) = ([], [], [])
    var curve = Curves()
    var firstBroken: Double?
    for (key, members) in table.groups(by: ["step"]) {
      let error = table.quartiles("path_error", members)
      let broken = members.count { !table["path_error", $0].isFinite }
      var row = JSONObject(["step": .number(key[0])])
      row.set("beta", table["beta", members[0]], otherwise: "unknown")
      row.set("iterations", table["iterations", members[0]], otherwise: "unknown")
      row.set(error, "path_error")
      row["diverged"] = .integer(broken)
      rows.append(row)
      steps.append(key[0])
      iterations.append(table["iterations", members[0]])
      errors.append(error.median)
      curve.add("", table["iterations", members[0]], error)
      if broken > 0, firstBroken == nil { firstBroken = key[0] }
    }
    let slope = convergenceOrder(steps: steps, errors: errors)
    var summary = JSONObject()
    summary.set("slope", slope, otherwise: "fewer than two steps have a finite error")
    summary.set("first_step_that_diverges", firstBroken, otherwise: "none diverged")
    let fewest = zip(iterations, errors).filter { $0.1.isFinite }.map(\.0).min() ?? .nan
    let most = iterations.max() ?? .nan
    return Answer(
      rows: rows, summary: summary,
      verdict:
        "holds to first order in ε: \(short(most)) iterations or \(short(fewest)), with a distance that grows like ε^"
        + "\(slope.map { short($0, digits: 3) } ?? "?")"
        + (firstBroken.map { "; from ε = \(short($0)) on runs diverge" } ?? "; nothing diverged up to ε = λ"),
      figure: Figure(
        "The same path in fewer iterations: λ = 4, t ≤ 100", columns: 1,
        panels: [
          curve.panel(
            "median and quartiles over seeds", x: "iterations", y: "largest distance from the flow, in w",
            logarithmic: [.x, .y],
            theory: [.slope(-1, over: iterations, from: 0.6 * (errors.filter(\.isFinite).max() ?? .nan))])
        ]))
  }
}
