import Dynamics
import Experiments
import Figures
import Files

/// What the mean of the data has to do with it.
///
/// `mgf study centring`
///
/// ## The claim
/// Momentum helps the more, the further the features' mean is from zero.
///
/// ## What is computed
/// Momentum gradient flow to its limit on 5 random problems (20 × 30, x ~ N(M·1, I), 3 non-zeros, α = 0.1) for M = 0 …
/// 5 and λ from 1e-3 to 100. The gain is the test error at the smallest λ over that at the λ that is best in the
/// median over seeds. For each of the 30 problems it is set beside five properties of the data: the share of the
/// largest eigenvalue in XXᵀ, |mean y|/rms y, the share of the first gradient along the vector of ones, the condition
/// number of XXᵀ, and λ_cert.
///
/// ## What was found
/// The median gain is 4.7 at mean 0, 8.4 at mean 1, and between 600 and 1,200 from mean 2 on, in test error and in ‖θ∞
/// − θ*‖² alike. It comes at λ = 46 or 100, the largest tried: not small. Between λ = 0.01 and 0.3 there is a first,
/// smaller minimum of the error for M ≥ 2, followed by a rise above the plain error. Over the problems the gain goes
/// with |mean y|/rms y (rank correlation 0.67), the share of the largest eigenvalue (0.65) and the share of the common
/// gradient (0.66), less with the condition number (0.51): what helps is one direction in which all features move
/// together at first. These properties grow with M together, so that the study cannot tell which of the three is the
/// cause.
///
/// ![The figure of the study](study-centring.svg)
///
/// ```
/// mgf study centring --figure study-centring.svg
/// ```
public struct Centring: Question {
  public let name = "centring"
  public let number = 5
  public let claim = "Momentum helps the more, the further the features' mean is from zero."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: mgf
      axes: {mean: {linear: [0, 5, 6]}, lambda: {log: [1e-3, 100, 16]}, \(seeds)}
      stop: {delta_tolerance: 1e-5}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var gains: [(mean: Double, median: Double)] = []
    var curves = Curves()
    var points: [(gain: Double, properties: [Double])] = []
    for (key, members) in table.groups(by: ["mean"]) {
      let lambdas = table.split(members, by: "lambda")
      for (lambda, own) in lambdas {
        curves.add("M = \(short(key[0]))", lambda, table.quartiles("test_error", own))
      }
      let gain = Gain(table, members)
      var row = JSONObject(["mean": .number(key[0])])
      row.set(gain.ratio, "gain")
      row.set(Gain(table, members, in: "theta_error").ratio, "theta_gain")
      row["best_lambda"] = .number(gain.lambda)
      row.set(table.quartiles("test_error", lambdas.first?.rows ?? []), "plain_test_error")
      rows.append(row)
      for (seed, own) in table.split(members, by: "seed") {
        guard let properties = DataProperties(table.study, row: own[0]) else { continue }
        points.append((gain.ratios[seed] ?? .nan, properties.values))
      }
      gains.append((key[0], gain.ratio.median))
      summary.set("gain_mean_\(short(key[0]))", gain.ratio.median, otherwise: "no run has a test error")
    }
    let ranks = DataProperties.names.indices.map { k in
      rankCorrelation(points.map(\.gain), points.map { $0.properties[k] })
    }
    for (name, rank) in zip(DataProperties.names, ranks) {
      summary.set("rank_correlation_\(name.key)", rank, otherwise: "it does not vary")
    }
    let strongest = ranks.indices.filter { ranks[$0].isFinite }.max { abs(ranks[$0]) < abs(ranks[$1]) }
    let isUseful = gains.map { $0.median > 1.1 }
    let opening =
      isUseful.allSatisfy { $0 }
      ? "holds"
      : isUseful.contains(true) ? "holds only for means at which there is a gain" : "does not hold here"
    let problems = Curves(
      "", x: points.map { $0.properties[strongest ?? 0] }, y: points.map(\.gain), style: .points)
    return Answer(
      rows: rows, summary: summary,
      verdict: opening
        + ": the best λ divides the test error of the smallest by "
        + gains.map { "\(short($0.median, digits: 3)) at mean \(short($0.mean))" }.joined(separator: ", ")
        + (strongest.map {
          "; over all problems the gain goes most closely with \(DataProperties.names[$0].text) (rank correlation "
            + "\(short(ranks[$0], digits: 2)))"
        } ?? ""),
      figure: Figure(
        "Momentum gradient flow on features of mean M", columns: 2,
        panels: [
          curves.panel("median and quartiles over seeds", x: "λ", y: "test error", logarithmic: [.x, .y]),
          problems.panel(
            "each problem", x: strongest.map { DataProperties.names[$0].text } ?? "", y: "gain by the best λ",
            logarithmic: [.y], marks: [.init(.y, at: 1, "no gain")]),
        ]))
  }
}
