import Dynamics
import Experiments
import Figures

/// The paper's experimental claims, one picture.
///
/// `mgf study paper`
///
/// ## The claim
/// The abstract of Papazov, Pesme and Flammarion (AISTATS 2024): λ = γ/(1−β)² alone decides which path iterates take;
/// small λ shrinks the asymptotic balancedness and helps to recover sparse solutions; minibatches do so likewise.
///
/// ## What is computed
/// Heavy ball over 16 × 16 pairs of γ and β, momentum gradient flow over λ from 1e-3 to 30, and heavy ball with
/// minibatches of 1, 5 and all 20 samples at ε = 0.03, each to its limit, on 5 random problems (20 × 30, 3 non-zeros,
/// centred, α = 0.1). These settings are those of Even et al. (2023) where the two papers share the network; the
/// paper's own figures, their axes and settings, were not at hand.
///
/// ## What was found
/// The runs of heavy ball fall on one curve of λ, that of the flow, up to λ of about 1. The median Δ∞/Δ₀ falls from 1
/// to 0.68 at λ from 1 to 1.7, and every Δ∞ is below Δ₀ up to λ = 0.54; the test error does not fall with it on these
/// centred data. Smaller batches shrink Δ∞ further at every λ: at λ = 0.03 the median is 0.84 with single samples, 0.99
/// with all, at λ = 1 0.64 and 0.70.
///
/// ![The figure of the study](study-paper.svg)
///
/// ```
/// mgf study paper --figure study-paper.svg
/// ```
public struct PaperClaims: Question {
  public let name = "paper"
  public let number = 14
  public let claim =
    "λ = γ/(1−β)² alone decides, small λ shrinks Δ∞ and helps sparse recovery, minibatches do likewise (the paper's abstract)."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    let problem = "problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}"
    return [
      """
      name: \(name)
      \(problem)
      method: heavy-ball
      axes: {gamma: {log: [1e-3, 0.1, 16]}, beta: {complement: [0, 0.96, 16]}, \(seeds)}
      stop: {delta_tolerance: 1e-5, max_iterations: 2000000}
      """,
      """
      name: flow
      \(problem)
      method: mgf
      axes: {lambda: {log: [1e-3, 30, 19]}, \(seeds)}
      stop: {delta_tolerance: 1e-5}
      """,
      """
      name: batches
      \(problem)
      method: heavy-ball
      fixed: {step: 0.03}
      axes: {lambda: {log: [0.03, 1, 5]}, batch: [1, 5, 20], \(seeds)}
      stop: {delta_tolerance: 1e-3, max_iterations: 3000000}
      """,
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    let parts = table.split(by: "part").map(\.rows)
    let (iterates, flows, batches) = (parts.first ?? [], parts.dropFirst().first ?? [], parts.dropFirst(2).first ?? [])
    var rows: [JSONObject] = []
    var (ratios, errors, noisy) = (Curves(), Curves(), Curves())
    var shrinking: Double?
    var isShrinking = true
    let lambdas = table.split(flows, by: "lambda")
    for (lambda, own) in lambdas {
      var row = JSONObject(["lambda": .number(lambda)])
      for name in ["delta_ratio_median", "delta_ratio_max", "test_error"] { row.set(table.quartiles(name, own), name) }
      rows.append(row)
      ratios.add("flow", lambda, table.quartiles("delta_ratio_median", own))
      errors.add("flow", lambda, table.quartiles("test_error", own))
      isShrinking = isShrinking && own.allSatisfy { table["delta_ratio_max", $0] < 1 }
      if isShrinking { shrinking = lambda }
    }
    for (batch, members) in table.split(batches, by: "batch") {
      for (lambda, own) in table.split(members, by: "lambda") {
        let ratio = table.quartiles("delta_ratio_median", own)
        var row = JSONObject(["lambda": .number(lambda), "batch": .integer(Int(batch))])
        row.set(ratio, "delta_ratio_median")
        row.set(table.quartiles("test_error", own), "test_error")
        rows.append(row)
        noisy.add("batch \(Int(batch))", lambda, ratio)
      }
    }
    let medians = ratios.curves.first?.y.map(\.median) ?? []
    let plain = errors.curves.first?.y.first?.median ?? .nan
    let best = errors.curves.first.flatMap { curve in
      zip(curve.x, curve.y.map(\.median)).filter { $0.0 <= 1 && $0.1.isFinite }.min { $0.1 < $1.1 }
    }
    var summary = JSONObject()
    summary.set("shrinking_up_to", shrinking, otherwise: "some Δ∞ grows at the smallest λ")
    summary.set("least_delta_ratio_median", medians.filter(\.isFinite).min(), otherwise: "no run came to its limit")
    summary.set("test_error_gain_up_to_lambda_1", best.map { plain / $0.1 }, otherwise: "no run has a test error")
    let helps = (best.map { plain / $0.1 } ?? 0) > 1.1
    func points(_ outcome: String) -> [(x: Double, y: Double, value: Double)] {
      iterates.map { (table["gamma", $0], 1 - table["beta", $0], table[outcome, $0]) }
    }
    let cloud = Figure.Series(
      "heavy ball, all γ and β", x: iterates.map { table["lambda", $0] },
      y: iterates.map { table["delta_ratio_median", $0] }, style: .points)
    let level = Figure.Panel.Mark(.y, at: 1, "Δ∞ = Δ₀")
    return Answer(
      rows: rows, summary: summary,
      verdict: (shrinking == nil
        ? "Δ∞ does not shrink here" : "Δ∞ shrinks, in every feature up to λ = \(short(shrinking ?? 0, digits: 2))")
        + (helps
          ? ", and a small λ helps sparse recovery"
          : ", but on these centred data no λ ≤ 1 lowers the test error by a tenth"),
      figure: Figure(
        "The paper's claims, (20, 30), medians over seeds", columns: 2,
        panels: [
          Figure.Panel(
            "heavy ball over γ × β", xLabel: "γ", yLabel: "1 − β", xLogarithmic: true, yLogarithmic: true,
            series: Figure.Series.equalLambda(points("test_error").map { ($0.x, $0.y) }),
            map: Figure.HeatMap(points("delta_ratio_median"), label: "median Δ∞/Δ₀", isLogarithmic: true)),
          Figure.Panel(
            "the same runs against λ", xLabel: "λ = γ/(1−β)²", yLabel: "median Δ∞/Δ₀", xLogarithmic: true,
            yLogarithmic: true,
            series: [cloud] + ratios.panel("", x: "", y: "", logarithmic: []).series, marks: [level]),
          errors.panel("sparse recovery by the flow", x: "λ", y: "test error", logarithmic: [.x, .y]),
          noisy.panel("heavy ball with minibatches", x: "λ", y: "median Δ∞/Δ₀", logarithmic: [.x], marks: [level]),
        ]))
  }
}
