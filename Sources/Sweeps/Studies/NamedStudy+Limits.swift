import Experiments
import Export
import RealModule

extension NamedStudy {
  /// Which λ predicts the outcome: the share of the variance that is left between neighbours in λ.
  func intrinsicReport(_ table: ResultTable) -> StudyReport {
    let outcomes = ["test_error", "delta_ratio_median"]
    let kinds: [(name: String, value: (Double, Double) -> Double)] = [
      ("lambda", { $0 / ((1 - $1) * (1 - $1)) }),
      ("lambda_minus_half_step", { $0 * (1 + $1) / (2 * (1 - $1) * (1 - $1)) }),
      ("gamma", { gamma, _ in gamma }), ("beta", { _, beta in 1 / (1 - beta) }),
    ]
    let (gamma, beta) = (table["gamma"], table["beta"])
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var left: [String: Double] = [:]
    for kind in kinds {
      var row = JSONObject()
      row["predictor"] = .string(kind.name)
      for outcome in outcomes {
        let shares = table.groups(by: ["seed"]).map { group in
          unexplained(
            by: group.rows.map { kind.value(gamma[$0], beta[$0]) },
            group.rows.map { Double.log(max(table[outcome][$0], 1e-300)) })
        }
        let share = Quartiles(shares)
        row.set(share, "unexplained_\(outcome)")
        left["\(kind.name) \(outcome)"] = share.median
      }
      rows.append(row)
    }
    let first = table.groups(by: ["seed"]).first?.rows ?? []
    func panel(_ outcome: String, _ label: String) -> Figure.Panel {
      Figure.Panel(
        label, xLabel: "λ = γ/(1−β)²", yLabel: label, xLogarithmic: true, yLogarithmic: true,
        series: [
          Figure.Series(
            "", x: first.map { kinds[0].value(gamma[$0], beta[$0]) }, y: first.map { table[outcome][$0] },
            style: .points)
        ])
    }
    let (own, other) = (left["lambda test_error"] ?? .nan, left["lambda_minus_half_step test_error"] ?? .nan)
    summary.set("unexplained_by_lambda", own, otherwise: "no run has a test error")
    summary.set("unexplained_by_lambda_minus_half_step", other, otherwise: "no run has a test error")
    let verdict =
      own < 0.1 || other < 0.1
      ? "holds: λ leaves \(short(100 * own, digits: 2)) % of the variance of ln test error unexplained, λ − ε/2 leaves "
        + "\(short(100 * other, digits: 2)) %, so \(preference(own, other)); γ alone "
        + "leaves \(short(100 * (left["gamma test_error"] ?? .nan), digits: 2)) %"
      : "does not hold here: λ leaves \(short(100 * own, digits: 2)) % of the variance of ln test error unexplained"
    return StudyReport(
      rows: rows, summary: summary, verdict: verdict,
      figure: Figure(
        "Heavy ball over γ × β, one seed: all runs against λ", columns: 2,
        panels: [panel("test_error", "test error"), panel("delta_ratio_median", "median Δ∞/Δ₀")]))
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

  /// Test error, ‖θ‖₁, support and Δ∞ against λ for several α.
  func sparsityReport(_ table: ResultTable) -> StudyReport {
    let names = ["test_error", "theta_l1", "support_overlap", "delta_ratio_median", "delta_ratio_max"]
    var rows: [JSONObject] = []
    var curves: [Double: [(lambda: Double, error: Double, ratio: Double, largest: Double)]] = [:]
    for (key, members) in table.groups(by: ["alpha", "lambda"]) {
      var row = JSONObject()
      row["alpha"] = .number(key[0])
      row["lambda"] = .number(key[1])
      for name in names { row.set(table.quartiles(name, members), name) }
      rows.append(row)
      curves[key[0], default: []].append(
        (
          key[1], table.quartiles("test_error", members).median, table.quartiles("delta_ratio_median", members).median,
          members.map { table["delta_ratio_max"][$0] }.max() ?? .nan
        ))
    }
    var summary = JSONObject()
    var words: [String] = []
    var helps = false
    for (alpha, curve) in curves.sorted(by: { $0.key < $1.key }) {
      guard let first = curve.first, let best = curve.min(by: { $0.error < $1.error }) else { continue }
      summary.set("best_lambda_alpha_\(short(alpha))", best.lambda, otherwise: "unknown")
      summary.set("gain_alpha_\(short(alpha))", first.error / best.error, otherwise: "unknown")
      helps = helps || first.error > 1.1 * best.error
      let shrinking = curve.prefix { $0.largest <= 1 }.last?.lambda
      words.append(
        "α = \(short(alpha)): test error \(short(first.error, digits: 3)) at λ = \(short(first.lambda)), least "
          + "\(short(best.error, digits: 3)) at λ = \(short(best.lambda, digits: 3)); every Δ∞ ≤ Δ₀ up to λ = "
          + "\(shrinking.map { short($0, digits: 3) } ?? "none")")
    }
    func panel(_ title: String, _ name: String) -> Figure.Panel {
      Figure.Panel(
        title, xLabel: "λ", yLabel: title, xLogarithmic: true, yLogarithmic: true,
        series: curves.sorted { $0.key < $1.key }.map { alpha, curve in
          Figure.Series(
            "α = \(short(alpha))", x: curve.map(\.lambda), y: curve.map { name == "error" ? $0.error : $0.ratio },
            style: .linePoints)
        })
    }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (helps ? "holds" : "Δ∞ shrinks at small λ, but on these data no λ lowers the test error by a tenth")
        + "; "
        + words.joined(separator: "; "),
      figure: Figure(
        "Momentum gradient flow at (20, 30), 3 non-zeros: medians over seeds", columns: 2,
        panels: [panel("test error", "error"), panel("median Δ∞/Δ₀", "ratio")]))
  }

  /// What the best λ gains over the smallest, for each mean of the features.
  func centringReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var (means, gains): ([Double], [Quartiles]) = ([], [])
    var series: [Figure.Series] = []
    for (key, members) in table.groups(by: ["mean"]) {
      let lambdas = Set(members.map { table["lambda"][$0] }).sorted()
      let medians = lambdas.map { lambda in
        table.quartiles("test_error", members.filter { table["lambda"][$0] == lambda }).median
      }
      series.append(Figure.Series("M = \(short(key[0]))", x: lambdas, y: medians, style: .linePoints))
      let (gain, best) = gain(table, members, smallest: lambdas.first ?? 0)
      var row = JSONObject()
      row["mean"] = .number(key[0])
      row.set(gain, "gain")
      row.set(best, "best_lambda")
      row.set(
        table.quartiles("test_error", members.filter { table["lambda"][$0] == lambdas.first }), "plain_test_error")
      rows.append(row)
      means.append(key[0])
      gains.append(gain)
    }
    var summary = JSONObject()
    for (mean, gain) in zip(means, gains) {
      summary.set("gain_mean_\(short(mean))", gain.median, otherwise: "no run has a test error")
    }
    let isUseful = gains.map { $0.median > 1.1 }
    let opening =
      isUseful.allSatisfy { $0 }
      ? "holds"
      : isUseful.contains(true) ? "holds only for means at which there is a gain" : "does not hold here"
    return StudyReport(
      rows: rows, summary: summary,
      verdict: opening
        + ": the best λ divides the test error of the smallest by "
        + zip(means, gains).map { "\(short($1.median, digits: 3)) at mean \(short($0))" }.joined(separator: ", "),
      figure: Figure(
        "Momentum gradient flow on features of mean M", columns: 1,
        panels: [
          Figure.Panel(
            "median test error over seeds", xLabel: "λ", yLabel: "test error", xLogarithmic: true, yLogarithmic: true,
            series: series)
        ]))
  }

  /// For each seed the test error at the smallest λ over the least one, and where that is.
  private func gain(_ table: ResultTable, _ members: [Int], smallest: Double) -> (gain: Quartiles, best: Quartiles) {
    var (gains, best): ([Double], [Double]) = ([], [])
    for seed in Set(members.map { table["seed"][$0] }) {
      let own = members.filter { table["seed"][$0] == seed && table["test_error"][$0].isFinite }
      guard let plain = own.first(where: { table["lambda"][$0] == smallest }),
        let least = own.min(by: { table["test_error"][$0] < table["test_error"][$1] })
      else { continue }
      gains.append(table["test_error"][plain] / table["test_error"][least])
      best.append(table["lambda"][least])
    }
    return (Quartiles(gains), Quartiles(best))
  }

  /// How large θ̃₀ is beside θ∞.
  func perturbationReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var curves: [Double: [(Double, Double)]] = [:]
    for (key, members) in table.groups(by: ["alpha", "lambda"]) {
      var row = JSONObject()
      let size = table.quartiles("perturbation", members)
      row["alpha"] = .number(key[0])
      row["lambda"] = .number(key[1])
      row.set(size, "perturbation")
      rows.append(row)
      curves[key[0], default: []].append((key[1], size.median))
    }
    var summary = JSONObject()
    let worst = table["perturbation"].filter(\.isFinite).max() ?? .nan
    summary.set("largest", worst, otherwise: "no run has a limit")
    let reach = curves.sorted { $0.key < $1.key }.map { alpha, curve in
      let last = curve.prefix { $0.1 <= 0.01 }.last?.0
      return "α = \(short(alpha)) up to λ = \(last.map { short($0, digits: 3) } ?? "none")"
    }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (worst <= 0.01 ? "holds" : "holds only for small λ")
        + ": the median of max|θ̃₀|/max|θ∞| is at most 1 % for "
        + reach.joined(separator: ", ") + "; the largest of all runs is \(short(worst, digits: 2))",
      figure: Figure(
        "Size of the perturbed initialisation", columns: 1,
        panels: [
          Figure.Panel(
            "median over seeds", xLabel: "λ", yLabel: "max|θ̃₀| / max|θ∞|", xLogarithmic: true, yLogarithmic: true,
            series: curves.sorted { $0.key < $1.key }.map { alpha, curve in
              Figure.Series("α = \(short(alpha))", x: curve.map(\.0), y: curve.map(\.1), style: .linePoints)
            })
        ]))
  }

  /// Δ∞ and test error over batch size and λ.
  func stochasticReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var curves: [Double: [(batch: Double, ratio: Double, error: Double)]] = [:]
    for (key, members) in table.groups(by: ["lambda", "batch"]) {
      var row = JSONObject()
      row["lambda"] = .number(key[0])
      row["batch"] = .integer(Int(key[1]))
      for name in ["delta_ratio_median", "test_error", "iterations"] { row.set(table.quartiles(name, members), name) }
      row["not_converged"] = .integer(members.filter { !table["delta_ratio_median"][$0].isFinite }.count)
      rows.append(row)
      curves[key[0], default: []].append(
        (
          key[1], table.quartiles("delta_ratio_median", members).median, table.quartiles("test_error", members).median
        ))
    }
    var summary = JSONObject()
    var words: [String] = []
    var (shrinks, helps) = (true, true)
    for (lambda, curve) in curves.sorted(by: { $0.key < $1.key }) {
      guard let small = curve.first(where: { $0.ratio.isFinite }), let full = curve.last else { continue }
      shrinks = shrinks && small.ratio < full.ratio
      helps = helps && small.error < full.error
      summary.set("delta_gain_lambda_\(short(lambda))", full.ratio / small.ratio, otherwise: "unknown")
      words.append(
        "λ = \(short(lambda)): median Δ∞/Δ₀ \(short(full.ratio, digits: 3)) with all samples, \(short(small.ratio, digits: 3)) with "
          + "\(Int(small.batch)), test error \(short(full.error, digits: 3)) and \(short(small.error, digits: 3))")
    }
    func panel(_ title: String, _ value: ((batch: Double, ratio: Double, error: Double)) -> Double) -> Figure.Panel {
      Figure.Panel(
        title, xLabel: "batch size", yLabel: title, xLogarithmic: true,
        series: curves.sorted { $0.key < $1.key }.map { lambda, curve in
          Figure.Series("λ = \(short(lambda))", x: curve.map(\.batch), y: curve.map(value), style: .linePoints)
        })
    }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (shrinks && helps
        ? "holds" : shrinks ? "Δ∞ shrinks, but the test error need not fall" : "does not hold here")
        + "; " + words.joined(separator: "; "),
      figure: Figure(
        "Heavy ball with minibatches, ε = 0.03: medians over seeds", columns: 2,
        panels: [panel("median Δ∞/Δ₀") { $0.ratio }, panel("test error") { $0.error }]))
  }
}
