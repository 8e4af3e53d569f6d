import Comparison
import Dynamics
import Experiments
import Figures
import Files

/// Nesterov's method.
///
/// `mgf study nesterov`
///
/// ## The claim
/// Nesterov's method has the bias of the flow of its λ, as heavy ball has, up to O(ε).
///
/// ## What is computed
/// The limits of heavy ball and of Nesterov's method at ε from 0.003 to 0.024 and λ = 0.3 and 1, against that of
/// momentum gradient flow at the same λ (ε = 0), on 5 random problems (20 × 30, 3 non-zeros, α = 0.1): relative gap of
/// the median Δ∞/Δ₀ and of the test error.
///
/// ## What was found
/// The gap falls like ε to the 0.997 and 0.999 (heavy ball), 0.964 and 0.992 (Nesterov): both tend to the flow of
/// their λ. Nesterov's gap is about three times that of heavy ball, since its gradient taken ahead damps the motion
/// once more, by εHẇ. `mgf compare --method nesterov --order` follows the path itself, to any order in ε.
///
/// ![The figure of the study](study-nesterov.svg)
///
/// ```
/// mgf study nesterov --figure study-nesterov.svg
/// ```
public struct NesterovMomentum: Question {
  public let name = "nesterov"
  public let number = 10
  public let claim = "Nesterov's method has the bias of the flow of its λ, as heavy ball has, up to O(ε)."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: heavy-ball
      axes: {nesterov: [0, 1], lambda: [0.3, 1], step: [0, 0.003, 0.006, 0.012, 0.024], \(seeds)}
      stop: {delta_tolerance: 1e-5}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var curves = Curves()
    let flows = (0..<table.count).filter { table["step", $0] == 0 }
    /// Relative gaps between runs and the flow of their λ and seed.
    func gap(_ column: String, _ rows: [Int]) -> Quartiles {
      Quartiles(
        rows.map { row in
          let flow = flows.first {
            table["lambda", $0] == table["lambda", row] && table["seed", $0] == table["seed", row]
          }
          return flow.map { abs(table[column, row] / table[column, $0] - 1) } ?? .nan
        })
    }
    var slopes: [Double] = []
    for (key, members) in table.groups(by: ["nesterov", "lambda"]) {
      let (isNesterov, lambda) = (key[0] == 1, short(key[1]))
      let name = isNesterov ? "Nesterov" : "heavy ball"
      var (steps, medians): ([Double], [Double]) = ([], [])
      for (step, own) in table.split(members, by: "step") where step > 0 {
        let delta = gap("delta_ratio_median", own)
        var row = JSONObject(["method": .string(name), "lambda": .number(key[1]), "step": .number(step)])
        row.set(delta, "delta_gap")
        row.set(gap("test_error", own), "test_error_gap")
        rows.append(row)
        steps.append(step)
        medians.append(delta.median)
        curves.add("\(name), λ = \(lambda)", step, delta)
      }
      let slope = convergenceOrder(steps: steps, errors: medians) ?? .nan
      slopes.append(slope)
      summary.set(
        "slope_\(isNesterov ? "nesterov" : "heavy_ball")_lambda_\(lambda)", slope, otherwise: "too few runs")
    }
    let smallest = curves.curves.compactMap { $0.y.first?.median }.min() ?? .nan
    let theory = [Figure.Series.slope(1, over: table.values("step").filter { $0 > 0 }, from: 0.5 * smallest)]
    let isFirstOrder = slopes.allSatisfy { abs($0 - 1) < 0.25 }
    let orders = zip(curves.curves, slopes).map { "\(short($1, digits: 3)) (\($0.name))" }.joined(separator: ", ")
    return Answer(
      rows: rows, summary: summary,
      verdict: (isFirstOrder ? "holds" : "holds only roughly")
        + ": the relative gap of the median Δ∞/Δ₀ to the flow's falls like ε to the " + orders,
      figure: Figure(
        "Limits of heavy ball and Nesterov against the flow of their λ, (20, 30)", columns: 1,
        panels: [
          curves.panel(
            "median and quartiles over seeds", x: "time step ε", y: "relative gap of the median Δ∞/Δ₀",
            logarithmic: [.x, .y], theory: theory)
        ]))
  }
}
