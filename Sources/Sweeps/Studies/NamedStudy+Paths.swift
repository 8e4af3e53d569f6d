import Comparison
import Experiments
import Export

extension NamedStudy {
  /// Trajectory error against ε for flows of several orders.
  func orderReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var summary = JSONObject()
    var series: [Figure.Series] = []
    var misses: [String] = []
    for (key, members) in table.groups(by: ["order"]) {
      let order = Int(key[0])
      var slopes: [Double] = []
      for seed in Set(members.map { table["seed"][$0] }) {
        let own = members.filter { table["seed"][$0] == seed }
        if let slope = convergenceOrder(
          steps: own.map { table["step"][$0] }, errors: own.map { table["path_error"][$0] })
        {
          slopes.append(slope)
        }
      }
      let slope = Quartiles(slopes)
      summary.set("slope_\(order)", slope.median, otherwise: "no run has a finite error")
      if !(abs(slope.median - Double(order)) <= 0.05) {
        misses.append("order \(order) was found as \(short(slope.median))")
      }
      let steps = Set(members.map { table["step"][$0] }).sorted()
      var medians: [Double] = []
      for step in steps {
        let error = table.quartiles("path_error", members.filter { table["step"][$0] == step })
        var row = JSONObject()
        row["order"] = .integer(order)
        row["step"] = .number(step)
        row.set(error, "path_error")
        rows.append(row)
        medians.append(error.median)
      }
      series.append(
        Figure.Series(
          "order \(order), slope \(short(slope.median, digits: 3))", x: steps, y: medians, style: .linePoints))
    }
    return StudyReport(
      rows: rows, summary: summary,
      verdict: misses.isEmpty ? "holds" : "does not hold here: " + misses.joined(separator: ", "),
      figure: Figure(
        "Distance between iterates and flows at λ = 0.5", columns: 1,
        panels: [
          Figure.Panel(
            "median over seeds, t ≤ 10", xLabel: "time step ε", yLabel: "largest error in w", xLogarithmic: true,
            yLogarithmic: true, series: series)
        ]))
  }

  /// Path distance and iterations along ε at fixed λ, and where it breaks.
  func accelerationReport(_ table: ResultTable) -> StudyReport {
    var rows: [JSONObject] = []
    var (steps, iterations, errors): ([Double], [Double], [Double]) = ([], [], [])
    var firstBroken: Double?
    for (key, members) in table.groups(by: ["step"]) {
      let error = table.quartiles("path_error", members)
      let broken = members.filter { !table["path_error"][$0].isFinite }.count
      var row = JSONObject()
      row["step"] = .number(key[0])
      row.set("beta", table["beta"][members[0]], otherwise: "unknown")
      row.set("iterations", table["iterations"][members[0]], otherwise: "unknown")
      row.set(error, "path_error")
      row["diverged"] = .integer(broken)
      rows.append(row)
      steps.append(key[0])
      iterations.append(table["iterations"][members[0]])
      errors.append(error.median)
      if broken > 0, firstBroken == nil { firstBroken = key[0] }
    }
    let slope = convergenceOrder(steps: steps, errors: errors)
    var summary = JSONObject()
    summary.set("slope", slope, otherwise: "fewer than two steps have a finite error")
    summary.set("first_step_that_diverges", firstBroken, otherwise: "none diverged")
    let fewest = zip(iterations, errors).filter { $0.1.isFinite }.map(\.0).min() ?? .nan
    let most = iterations.max() ?? .nan
    return StudyReport(
      rows: rows, summary: summary,
      verdict:
        "holds to first order in ε: \(short(most)) iterations or \(short(fewest)), with a distance that grows like ε^"
        + "\(slope.map { short($0, digits: 3) } ?? "?")"
        + (firstBroken.map { "; from ε = \(short($0)) on runs diverge" } ?? "; nothing diverged up to ε = λ"),
      figure: Figure(
        "The same path in fewer iterations: λ = 4, t ≤ 100", columns: 1,
        panels: [
          Figure.Panel(
            "median over seeds", xLabel: "iterations", yLabel: "largest distance from the flow, in w",
            xLogarithmic: true, yLogarithmic: true,
            series: [Figure.Series("", x: iterations, y: errors, style: .linePoints)])
        ]))
  }
}

extension JSONObject {
  /// Median and quartiles under `name`_median, _q1 and _q3.
  mutating func set(_ values: Quartiles, _ name: String) {
    for (ending, value) in [("median", values.median), ("q1", values.low), ("q3", values.high)] {
      set("\(name)_\(ending)", value, otherwise: "no run has a finite value")
    }
  }
}
