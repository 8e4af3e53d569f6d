import Comparison
import DiagonalNetworks
import Experiments
import Export
import ImplicitBias
import RealModule

extension NamedStudy {
  private func motion(_ step: Double) -> String { step == 0 ? "flow" : "heavy ball, ε = \(short(step))" }

  /// λ_cert against λ_c, and Δ∞ below and above λ_c.
  func smallLambdaReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var series: [Figure.Series] = []
    var (failuresBelow, runsBelow, firstFailure) = (0, 0, Double.infinity)
    for (key, members) in table.groups(by: ["step", "alpha"]) {
      let ratios = Set(members.map { table["lambda_ratio"][$0] }).sorted()
      var largest: [Double] = []
      for ratio in ratios {
        let own = members.filter { table["lambda_ratio"][$0] == ratio }
        let max = table["delta_ratio_max"]
        var row = JSONObject()
        row["step"] = .number(key[0])
        row["alpha"] = .number(key[1])
        row["lambda_ratio"] = .number(ratio)
        row.set(table.quartiles("delta_ratio_max", own), "delta_ratio_max")
        row.set(table.quartiles("delta_ratio_min", own), "delta_ratio_min")
        let growing = own.filter { !(max[$0] < 1) }.count
        row["runs_with_growing_delta"] = .integer(growing)
        rows.append(row)
        largest.append(own.map { max[$0] }.max() ?? .nan)
        if ratio < 1 {
          runsBelow += own.count
          failuresBelow += growing
        } else if growing > 0 {
          firstFailure = min(firstFailure, ratio)
        }
      }
      series.append(
        Figure.Series("\(motion(key[0])), α = \(short(key[1]))", x: ratios, y: largest, style: .linePoints))
    }
    let shares = (0..<table.count).map { table["lambda_certified"][$0] / table["lambda_critical"][$0] }
    let isCertified = (0..<table.count).allSatisfy { table["step"][$0] != 0 || !(shares[$0] > 1) }
    let share = Quartiles((0..<table.count).filter { table["step"][$0] == 0 }.map { shares[$0] })
    summary.set(share, "certified_share")
    summary["runs_below"] = .integer(runsBelow)
    summary["runs_below_with_growing_delta"] = .integer(failuresBelow)
    summary.set("first_ratio_with_growing_delta", firstFailure, otherwise: "every Δ∞ < Δ₀ in all runs")
    let holds = isCertified && failuresBelow == 0
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (holds ? "holds" : "does not hold here")
        + ": λ_cert is \(short(share.median, digits: 2)) of λ_c in the median, and \(isCertified ? "never" : "sometimes") above it; "
        + "below λ_c some Δ∞ ≥ Δ₀ in \(failuresBelow) of \(runsBelow) runs"
        + (firstFailure.isFinite ? ", above first at \(short(firstFailure)) λ_c" : ", above in none"),
      figure: Figure(
        "Largest Δ∞/Δ₀ over features and seeds, (20, 30)", columns: 1,
        panels: [
          Figure.Panel(
            "below and above λ_c", xLabel: "λ / λ_c", yLabel: "max Δ∞/Δ₀", xLogarithmic: true, yLogarithmic: true,
            series: series)
        ]))
  }

  /// λ* over seeds, sparsity and mean.
  func optimalLambdaReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var series: [Figure.Series] = []
    var words: [String] = []
    var helped = 0
    let groups = table.groups(by: ["step", "nonzeros", "mean"])
    var curves: [String: (x: [Double], y: [Double])] = [:]
    var order: [String] = []
    for (key, members) in groups {
      let best = table.quartiles("lambda", members)
      let gain = Quartiles(members.map { table["plain_test_error"][$0] / table["test_error"][$0] })
      var row = JSONObject()
      row["step"] = .number(key[0])
      row["nonzeros"] = .integer(Int(key[1]))
      row["mean"] = .number(key[2])
      row.set(best, "lambda_optimal")
      row.set(gain, "gain")
      rows.append(row)
      if gain.median > 1.1 { helped += 1 }
      let name = "\(motion(key[0])), \(Int(key[1])) non-zeros"
      if curves[name] == nil { order.append(name) }
      curves[name, default: ([], [])].x.append(key[2])
      curves[name, default: ([], [])].y.append(gain.median)
      if key[0] == 0 {
        words.append(
          "mean \(short(key[2])), \(Int(key[1])) non-zeros: λ* = \(short(best.median, digits: 2)) (\(short(best.low, digits: 2)) to "
            + "\(short(best.high, digits: 2))), gain \(short(gain.median, digits: 2))")
      }
    }
    for name in order {
      series.append(Figure.Series(name, x: curves[name]?.x ?? [], y: curves[name]?.y ?? [], style: .linePoints))
    }
    // The same problem by the flow and by descent.
    var ratios: [Double] = []
    for (_, members) in table.groups(by: ["nonzeros", "mean", "seed"]) {
      guard let flow = members.first(where: { table["step"][$0] == 0 }) else { continue }
      for other in members where table["step"][other] > 0 {
        ratios.append(table["test_error"][other] / table["test_error"][flow])
      }
    }
    let ratio = Quartiles(ratios)
    summary.set(ratio, "descent_error_over_flow_error")
    summary["settings"] = .integer(groups.count)
    summary["settings_with_gain"] = .integer(helped)
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (helped == groups.count ? "holds" : helped > 0 ? "holds only in some settings" : "does not hold here")
        + ": the flow has " + words.joined(separator: "; ")
        + "; the least test error of descent over that of the flow is \(short(ratio.median, digits: 3)) (quartiles "
        + "\(short(ratio.low, digits: 2)), \(short(ratio.high, digits: 2)))",
      figure: Figure(
        "Test error at the smallest λ over that at λ*, (20, 30), medians over seeds", columns: 1,
        panels: [
          Figure.Panel(
            "gain by λ*", xLabel: "mean of the features", yLabel: "gain in test error", xLogarithmic: false,
            yLogarithmic: true, series: series)
        ]))
  }

  /// The limits of heavy ball and Nesterov against those of the flow of the same λ.
  func nesterovReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var series: [Figure.Series] = []
    var slopes: [Double] = []
    func flow(_ row: Int) -> Int? {
      (0..<table.count).first {
        table["step"][$0] == 0 && table["lambda"][$0] == table["lambda"][row] && table["seed"][$0] == table["seed"][row]
      }
    }
    for (key, members) in table.groups(by: ["nesterov", "lambda"]) {
      let name = key[0] == 1 ? "Nesterov" : "heavy ball"
      var (steps, medians): ([Double], [Double]) = ([], [])
      for step in Set(members.map { table["step"][$0] }).sorted() where step > 0 {
        let own = members.filter { table["step"][$0] == step }
        func gap(_ column: String) -> Quartiles {
          Quartiles(
            own.map { row in
              flow(row).map { abs(table[column][row] / table[column][$0] - 1) } ?? .nan
            })
        }
        var row = JSONObject()
        row["method"] = .string(name)
        row["lambda"] = .number(key[1])
        row["step"] = .number(step)
        let delta = gap("delta_ratio_median")
        row.set(delta, "delta_gap")
        row.set(gap("test_error"), "test_error_gap")
        rows.append(row)
        steps.append(step)
        medians.append(delta.median)
      }
      let slope = convergenceOrder(steps: steps, errors: medians) ?? .nan
      slopes.append(slope)
      summary.set(
        "slope_\(key[0] == 1 ? "nesterov" : "heavy_ball")_lambda_\(short(key[1]))", slope, otherwise: "too few runs")
      series.append(Figure.Series("\(name), λ = \(short(key[1]))", x: steps, y: medians, style: .linePoints))
    }
    let isFirstOrder = slopes.allSatisfy { abs($0 - 1) < 0.25 }
    let orders = zip(series, slopes).map { "\(short($1, digits: 3)) (\($0.name))" }.joined(separator: ", ")
    let verdict =
      (isFirstOrder ? "holds" : "holds only roughly")
      + ": the relative gap of the median Δ∞/Δ₀ to the flow's falls like ε to the " + orders
    return StudyReport(
      rows: rows, summary: summary, verdict: verdict,
      figure: Figure(
        "Limits of heavy ball and Nesterov against the flow of their λ, (20, 30)", columns: 1,
        panels: [
          Figure.Panel(
            "median over seeds", xLabel: "time step ε", yLabel: "relative gap of the median Δ∞/Δ₀", xLogarithmic: true,
            yLogarithmic: true, series: series)
        ]))
  }

  /// Times and ℓ1 norms as α → 0.
  func saddleReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var (times, norms): ([Figure.Series], [Figure.Series]) = ([], [])
    var least: [Double: Double] = [:]
    for (key, members) in table.groups(by: ["seed"]) {
      if let first = members.first, let setup = try? Run.load(table.study, table.study.settings(first)) {
        least[key[0]] = SparsestInterpolator(setup.problem)?.norm
      }
    }
    var words: [String] = []
    for (key, members) in table.groups(by: ["lambda"]) {
      let alphas = Set(members.map { table["alpha"][$0] }).sorted()
      var (clock, excess): ([Double], [Double]) = ([], [])
      for alpha in alphas {
        let own = members.filter { table["alpha"][$0] == alpha }
        let time = Quartiles(own.map { table["time"][$0] / Double.log(1 / alpha) })
        let norm = Quartiles(own.map { table["theta_l1"][$0] / (least[table["seed"][$0]] ?? .nan) - 1 })
        var row = JSONObject()
        row["lambda"] = .number(key[0])
        row["alpha"] = .number(alpha)
        row.set(time, "time_over_log")
        row.set(norm, "l1_excess")
        rows.append(row)
        clock.append(time.median)
        excess.append(max(abs(norm.median), 1e-16))
      }
      let name = key[0] == 0 ? "gradient flow" : "λ = \(short(key[0]))"
      times.append(Figure.Series(name, x: alphas.map { -Double.log10($0) }, y: clock, style: .linePoints))
      norms.append(Figure.Series(name, x: alphas.map { -Double.log10($0) }, y: excess, style: .linePoints))
      summary.set("time_over_log_lambda_\(short(key[0]))", clock.first, otherwise: "no run ended")
      summary.set("l1_excess_lambda_\(short(key[0]))", excess.first, otherwise: "no run ended")
      words.append(
        "\(name): t/ln(1/α) = \(short(clock.first ?? .nan, digits: 3)) and an ℓ1 norm \(short(excess.first ?? .nan, digits: 2)) "
          + "above the least, relatively, at α = \(short(alphas.first ?? .nan))")
    }
    let finite = norms.allSatisfy { $0.y.first ?? 1 < 1e-3 }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (finite ? "holds" : "does not hold here") + "; " + words.joined(separator: "; "),
      figure: Figure(
        "From saddle to saddle, (5, 7): medians over seeds", columns: 2,
        panels: [
          Figure.Panel(
            "time to residual 1e-6", xLabel: "−log₁₀ α", yLabel: "t / ln(1/α)", xLogarithmic: false,
            yLogarithmic: true, series: times),
          Figure.Panel(
            "distance from the least ℓ1 norm", xLabel: "−log₁₀ α", yLabel: "‖θ‖₁ / min ‖θ‖₁ − 1", xLogarithmic: false,
            yLogarithmic: true, series: norms),
        ]))
  }

  /// What flows of networks of several depths find.
  func depthReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var (errors, norms): ([Figure.Series], [Figure.Series]) = ([], [])
    var sparser = true
    var words: [String] = []
    let alphas = Set(table["alpha"]).sorted()
    let depths = Set(table["depth"]).sorted()
    let middle = alphas.isEmpty ? .nan : alphas[alphas.count / 2]
    for (key, members) in table.groups(by: ["lambda", "alpha"]) {
      var (error, norm): ([Double], [Double]) = ([], [])
      for depth in depths {
        let own = members.filter { table["depth"][$0] == depth }
        var row = JSONObject()
        row["lambda"] = .number(key[0])
        row["alpha"] = .number(key[1])
        row["depth"] = .integer(Int(depth))
        for name in ["test_error", "theta_l1", "support_overlap", "time"] { row.set(table.quartiles(name, own), name) }
        rows.append(row)
        error.append(table.quartiles("test_error", own).median)
        norm.append(table.quartiles("theta_l1", own).median)
      }
      sparser = sparser && zip(norm, norm.dropFirst()).allSatisfy { $0 >= $1 }
      guard key[1] == middle else { continue }
      let name = key[0] == 0 ? "gradient flow" : "λ = \(short(key[0]))"
      errors.append(Figure.Series(name, x: depths, y: error, style: .linePoints))
      norms.append(Figure.Series(name, x: depths, y: norm, style: .linePoints))
      let list = zip(depths, error).map { "\(short($1, digits: 3)) at depth \(Int($0))" }.joined(separator: ", ")
      words.append("\(name), α = \(short(key[1])): test error " + list)
    }
    summary["norm_falls_with_depth"] = .bool(sparser)
    let verdict = (sparser ? "holds" : "holds only in some settings") + "; " + words.joined(separator: "; ")
    return StudyReport(
      rows: rows, summary: summary, verdict: verdict,
      figure: Figure(
        "Networks of depth L at α = \(short(middle)), (20, 30), medians over seeds", columns: 2,
        panels: [
          Figure.Panel(
            "test error", xLabel: "depth L", yLabel: "test error", xLogarithmic: false, yLogarithmic: true,
            series: errors),
          Figure.Panel(
            "ℓ1 norm", xLabel: "depth L", yLabel: "‖θ‖₁", xLogarithmic: false, yLogarithmic: false, series: norms),
        ]))
  }

  /// Which features λ chooses on real data, and what that does on samples held out.
  func realDataReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var (errors, overlaps): ([Figure.Series], [Figure.Series]) = ([], [])
    var words: [String] = []
    var helps: [Bool] = []
    for (key, members) in table.groups(by: ["part"]) {
      let name = table.studies[Int(key[0])].name
      let title = name == rawValue ? "leukemia" : name
      let lambdas = Set(members.map { table["lambda"][$0] }).sorted()
      let first = members.filter { table["lambda"][$0] == lambdas.first }
      func twin(_ row: Int) -> Int? { first.first { table["seed"][$0] == table["seed"][row] } }
      var (medians, shares): ([Double], [Double]) = ([], [])
      for lambda in lambdas {
        let own = members.filter { table["lambda"][$0] == lambda }
        let overlap = Quartiles(
          own.map { row in
            twin(row).map { Double(table.topFeatures(row).intersection(table.topFeatures($0)).count) / 10 } ?? .nan
          })
        let stable = own.dropFirst().reduce(own.first.map { table.topFeatures($0) } ?? []) {
          $0.intersection(table.topFeatures($1))
        }
        var row = JSONObject()
        row["data"] = .string(title)
        row["lambda"] = .number(lambda)
        row.set(table.quartiles("test_error", own), "test_error")
        row.set(
          Quartiles(own.map { table["test_error"][$0] / (twin($0).map { table["test_error"][$0] } ?? .nan) }),
          "relative_test_error")
        row.set(table.quartiles("features_99", own), "features_99")
        row.set(overlap, "top_ten_shared_with_gradient_flow")
        row["in_every_top_ten"] = .string(stable.sorted().joined(separator: " "))
        rows.append(row)
        medians.append(
          Quartiles(own.map { table["test_error"][$0] / (twin($0).map { table["test_error"][$0] } ?? .nan) }).median)
        shares.append(overlap.median)
      }
      // λ = 0 has no place on a logarithmic axis: it is the line 1.
      let shown = lambdas.indices.filter { lambdas[$0] > 0 }
      errors.append(
        Figure.Series(title, x: shown.map { lambdas[$0] }, y: shown.map { medians[$0] }, style: .linePoints))
      overlaps.append(
        Figure.Series(title, x: shown.map { lambdas[$0] }, y: shown.map { shares[$0] }, style: .linePoints))
      let best = medians.indices.min { medians[$0] < medians[$1] } ?? 0
      helps.append(medians[best] < 0.95)
      summary.set("best_lambda_\(title)", lambdas[best], otherwise: "no run has a test error")
      summary.set("relative_test_error_\(title)", medians[best], otherwise: "no run has a test error")
      words.append(
        "\(title): relative to gradient flow the hold-out error is "
          + zip(lambdas, medians).dropFirst().map { "\(short($1, digits: 3)) at λ = \(short($0))" }.joined(
            separator: ", ")
          + ", and of its ten largest coefficients "
          + zip(lambdas, shares).dropFirst().map { "\(short(10 * $1, digits: 2)) at λ = \(short($0))" }.joined(
            separator: ", ")
          + " stay among the ten largest")
    }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: (helps.allSatisfy { $0 }
        ? "holds" : helps.contains(true) ? "holds only on some data" : "λ changes the choice, but does not help here")
        + "; " + words.joined(separator: "; "),
      figure: Figure(
        "Real data, a fifth of the samples held out: medians over splits", columns: 2,
        panels: [
          Figure.Panel(
            "hold-out error", xLabel: "λ", yLabel: "error / that of gradient flow", xLogarithmic: true,
            yLogarithmic: false, series: errors),
          Figure.Panel(
            "choice of features", xLabel: "λ", yLabel: "top ten shared with gradient flow", xLogarithmic: true,
            yLogarithmic: false, series: overlaps),
        ]))
  }
}
