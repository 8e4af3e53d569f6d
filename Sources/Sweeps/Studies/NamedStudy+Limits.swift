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

  /// Test error, ‖θ‖₁, support and Δ∞ against λ for several n, sparsities and α.
  func sparsityReport(_ table: ResultTable) -> StudyReport {
    let names = [
      "test_error", "theta_error", "theta_l1", "support_overlap", "delta_ratio_median", "delta_ratio_max",
    ]
    var rows: [JSONObject] = []
    for (key, members) in table.groups(by: ["samples", "nonzeros", "alpha", "lambda"]) {
      var row = JSONObject()
      row["samples"] = .integer(Int(key[0]))
      row["nonzeros"] = .integer(Int(key[1]))
      row["alpha"] = .number(key[2])
      row["lambda"] = .number(key[3])
      for name in names { row.set(table.quartiles(name, members), name) }
      rows.append(row)
    }
    var summary = JSONObject()
    var (helped, words): (Int, [String]) = (0, [])
    let settings = table.groups(by: ["samples", "nonzeros", "alpha"])
    for (key, members) in settings {
      let smallest = members.map { table["lambda"][$0] }.min() ?? 0
      let (gain, best, _) = gain(table, members, smallest: smallest)
      let lambdas = Set(members.map { table["lambda"][$0] }).sorted()
      let shrinking = lambdas.prefix { lambda in
        members.allSatisfy { table["lambda"][$0] != lambda || !(table["delta_ratio_max"][$0] > 1) }
      }.last
      let name = "samples_\(Int(key[0]))_nonzeros_\(Int(key[1]))_alpha_\(short(key[2]))"
      summary.set("gain_\(name)", gain.median, otherwise: "no run has a test error")
      summary.set("best_lambda_\(name)", best, otherwise: "no run has a test error")
      summary.set("shrinking_up_to_\(name)", shrinking, otherwise: "some Δ∞ grows at the smallest λ")
      if gain.median > 1.1 {
        helped += 1
        words.append(
          "n = \(Int(key[0])), \(Int(key[1])) non-zeros, α = \(short(key[2])): \(short(gain.median, digits: 3)) at λ = "
            + short(best, digits: 2))
      }
    }
    /// Medians of one outcome against λ, a curve for each value of a setting, at a value of the others each.
    func panel(
      _ label: String, _ outcome: String, by setting: String, _ fixed: [String: Double]
    ) -> Figure.Panel {
      let title = fixed.sorted { $0.key > $1.key }.map {
        "\($0.key == "alpha" ? "α" : $0.key == "samples" ? "n" : $0.key) = \(short($0.value))"
      }.joined(separator: ", ")
      let members = (0..<table.count).filter { row in fixed.allSatisfy { table[$0.key][row] == $0.value } }
      let values = Set(members.map { table[setting][$0] }).sorted()
      return Figure.Panel(
        title, xLabel: "λ", yLabel: label, xLogarithmic: true, yLogarithmic: outcome != "support_overlap",
        series: values.map { value in
          let own = members.filter { table[setting][$0] == value }
          let lambdas = Set(own.map { table["lambda"][$0] }).sorted()
          return Figure.Series(
            "\(setting == "alpha" ? "α" : setting == "samples" ? "n" : setting) = \(short(value))", x: lambdas,
            y: lambdas.map { lambda in
              table.quartiles(outcome, own.filter { table["lambda"][$0] == lambda }).median
            }, style: .linePoints)
        })
    }
    func middle(_ name: String) -> Double {
      let values = Set(table[name]).sorted()
      return values.isEmpty ? .nan : values[values.count / 2]
    }
    let densest = Set(table["nonzeros"]).max() ?? .nan
    let byScale = ["samples": middle("samples"), "nonzeros": densest]
    let bySamples = ["alpha": middle("alpha"), "nonzeros": densest]
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (helped == settings.count
        ? "holds"
        : helped > 0
          ? "holds only in some settings"
          : "Δ∞ shrinks at small λ, but on these data no λ lowers the test error by a tenth")
        + ": in \(helped) of \(settings.count) settings of n, sparsity and α the best λ divides the test error of the smallest λ by "
        + "more than 1.1 in the median"
        + (words.isEmpty ? "" : " (" + words.joined(separator: "; ") + ")"),
      figure: Figure(
        "Momentum gradient flow, d = 30: medians over seeds", columns: 2,
        panels: [
          panel("test error", "test_error", by: "alpha", byScale),
          panel("test error", "test_error", by: "samples", bySamples),
          panel("median Δ∞/Δ₀", "delta_ratio_median", by: "alpha", byScale),
          panel("share of the support found", "support_overlap", by: "samples", bySamples),
        ]))
  }

  /// What the best λ gains over the smallest, for each mean of the features, and what of the data goes with it.
  func centringReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var (means, gains): ([Double], [Quartiles]) = ([], [])
    var series: [Figure.Series] = []
    var points: [(gain: Double, properties: [Double])] = []
    for (key, members) in table.groups(by: ["mean"]) {
      let lambdas = Set(members.map { table["lambda"][$0] }).sorted()
      let medians = lambdas.map { lambda in
        table.quartiles("test_error", members.filter { table["lambda"][$0] == lambda }).median
      }
      series.append(Figure.Series("M = \(short(key[0]))", x: lambdas, y: medians, style: .linePoints))
      let smallest = lambdas.first ?? 0
      let (gain, best, ratios) = gain(table, members, smallest: smallest)
      var row = JSONObject()
      row["mean"] = .number(key[0])
      row.set(gain, "gain")
      row.set(self.gain(table, members, smallest: smallest, outcome: "theta_error").gain, "theta_gain")
      row["best_lambda"] = .number(best)
      row.set(table.quartiles("test_error", members.filter { table["lambda"][$0] == smallest }), "plain_test_error")
      for seed in Set(members.map { table["seed"][$0] }).sorted() {
        let own = members.filter { table["seed"][$0] == seed }
        guard let first = own.first, let properties = DataProperties(table.study, row: first) else { continue }
        points.append((ratios[seed] ?? .nan, properties.values))
      }
      rows.append(row)
      means.append(key[0])
      gains.append(gain)
    }
    var summary = JSONObject()
    for (mean, gain) in zip(means, gains) {
      summary.set("gain_mean_\(short(mean))", gain.median, otherwise: "no run has a test error")
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
    return StudyReport(
      rows: rows, summary: summary,
      verdict: opening
        + ": the best λ divides the test error of the smallest by "
        + zip(means, gains).map { "\(short($1.median, digits: 3)) at mean \(short($0))" }.joined(separator: ", ")
        + (strongest.map {
          "; over all problems the gain goes most closely with \(DataProperties.names[$0].text) (rank correlation "
            + "\(short(ranks[$0], digits: 2)))"
        } ?? ""),
      figure: Figure(
        "Momentum gradient flow on features of mean M", columns: 2,
        panels: [
          Figure.Panel(
            "median test error over seeds", xLabel: "λ", yLabel: "test error", xLogarithmic: true, yLogarithmic: true,
            series: series),
          Figure.Panel(
            "each problem", xLabel: strongest.map { DataProperties.names[$0].text } ?? "", yLabel: "gain by the best λ",
            xLogarithmic: false, yLogarithmic: true,
            series: [
              Figure.Series(
                "", x: points.map { $0.properties[strongest ?? 0] }, y: points.map(\.gain), style: .points)
            ]),
        ]))
  }

  /// The λ at which the median over seeds of (the outcome at the smallest λ)/(the outcome) is largest, one for all seeds
  /// so that luck does not choose it, and these ratios.
  private func gain(
    _ table: ResultTable, _ members: [Int], smallest: Double, outcome: String = "test_error"
  ) -> (gain: Quartiles, best: Double, ratios: [Double: Double]) {
    let values = table[outcome]
    var plain: [Double: Double] = [:]
    for row in members where table["lambda"][row] == smallest { plain[table["seed"][row]] = values[row] }
    var found = (gain: Quartiles([]), best: Double.nan, ratios: [Double: Double]())
    for lambda in Set(members.map { table["lambda"][$0] }).sorted() {
      var ratios: [Double: Double] = [:]
      for row in members where table["lambda"][row] == lambda {
        let seed = table["seed"][row]
        // A run that did not come to its limit gains nothing.
        ratios[seed] = values[row].isFinite ? (plain[seed] ?? .nan) / values[row] : 0
      }
      let gain = Quartiles(Array(ratios.values))
      if !(gain.median <= found.gain.median) { found = (gain, lambda, ratios) }
    }
    return found
  }

  /// How large θ̃₀ is beside θ∞.
  func perturbationReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var curves: [(alpha: Double, batch: Double, points: [(lambda: Double, size: Double)])] = []
    for (key, members) in table.groups(by: ["alpha", "batch"]) {
      var points: [(lambda: Double, size: Double)] = []
      for lambda in Set(members.map { table["lambda"][$0] }).sorted() {
        let size = table.quartiles("perturbation", members.filter { table["lambda"][$0] == lambda })
        var row = JSONObject()
        row["alpha"] = .number(key[0])
        row["batch"] = .integer(Int(key[1]))
        row["lambda"] = .number(lambda)
        row.set(size, "perturbation")
        rows.append(row)
        points.append((lambda, size.median))
      }
      curves.append((key[0], key[1], points))
    }
    var summary = JSONObject()
    let worst = table["perturbation"].filter(\.isFinite).max() ?? .nan
    summary.set("largest", worst, otherwise: "no run has a limit")
    let reach = curves.map { curve in
      let last = curve.points.prefix { $0.size <= 0.01 }.last?.lambda
      return
        "α = \(short(curve.alpha)), batch \(Int(curve.batch)): up to λ = \(last.map { short($0, digits: 3) } ?? "none")"
    }
    let batches = Set(curves.map(\.batch)).sorted(by: >)
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (worst <= 0.01 ? "holds" : "holds only for small λ")
        + ": the median of max|θ̃₀|/max|θ∞| is at most 1 % for "
        + reach.joined(separator: "; ") + "; the largest of all runs is \(short(worst, digits: 2))",
      figure: Figure(
        "Size of the perturbed initialisation, medians over seeds", columns: batches.count,
        panels: batches.map { batch in
          Figure.Panel(
            "batch \(Int(batch))", xLabel: "λ", yLabel: "max|θ̃₀| / max|θ∞|", xLogarithmic: true, yLogarithmic: true,
            series: curves.filter { $0.batch == batch }.map { curve in
              Figure.Series(
                "α = \(short(curve.alpha))", x: curve.points.map(\.lambda), y: curve.points.map(\.size),
                style: .linePoints)
            })
        }))
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
