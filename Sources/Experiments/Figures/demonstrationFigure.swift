import Dynamics
import Figures
import Files
import Networks

/// Loss, trajectory error against the step, balancedness and the largest coefficients in four panels.
func demonstrationFigure(
  _ setup: Setup, _ settings: DemonstrationSettings, _ runs: [Demonstration.Run], _ comparison: ComparisonRun?
) -> Figure {
  typealias Series = Figure.Series
  let flows = runs.filter { $0.step == nil }
  let coarsest = runs.first { $0.step != nil }
  let shown = flows + (coarsest.map { [$0] } ?? [])
  func label(_ run: Demonstration.Run) -> String { run.step.map { "descent, ε = \(short($0))" } ?? run.label }

  var panels = [
    Figure.Panel(
      "Training loss", xLabel: "time t", yLabel: "loss ‖Xθ − y‖²/(2n)", yLogarithmic: true,
      series: shown.map {
        Series(label($0), x: $0.record.times, y: $0.record.loss, style: $0.step == nil ? .line : .dashed)
      })
  ]
  if let comparison, !comparison.rows.isEmpty {
    let rows = comparison.rows.filter { $0.divergedAt == nil }
    let steps = rows.map(\.settings.step)
    var series = [
      Series("largest, in w", x: steps, y: rows.map(\.weights.maximum), style: .linePoints),
      Series("largest, in θ", x: steps, y: rows.map(\.theta.maximum), style: .linePoints),
    ]
    if let step = steps.first, let error = rows.first?.weights.maximum {
      series.append(Series("slope 1", x: steps, y: steps.map { 0.6 * error * $0 / step }, style: .dashed))
    }
    panels.append(
      Figure.Panel(
        "Distance from descent to flow, fitted order \(comparison.slope.map { short($0, digits: 3) } ?? "–")",
        xLabel: "step ε (time)", yLabel: "error", xLogarithmic: true, yLogarithmic: true, series: series))
  }
  panels.append(
    Figure.Panel(
      "Balancedness", xLabel: "time t", yLabel: "‖Δ(t)‖ / ‖Δ(0)‖",
      series: shown.map { run in
        let norms = (0..<run.record.count).map { index in
          NetworkQuantities.balancedness(run.record.weights(at: index)).reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        return Series(
          label(run), x: run.record.times, y: norms.map { $0 / norms[0] }, style: run.step == nil ? .line : .dashed)
      }))
  if let flow = runs.first(where: { $0.name == "mgf" }) {
    let theta = flow.theta
    let top = theta.indices.sorted { abs(theta[$0]) > abs(theta[$1]) }.prefix(6)
    let history = (0..<flow.record.count).map { flow.record.theta(at: $0) }
    panels.append(
      Figure.Panel(
        "Largest coefficients along momentum gradient flow", xLabel: "time t", yLabel: "θ",
        series: top.map { feature in
          Series(setup.problem.featureNames[feature], x: flow.record.times, y: history.map { $0[feature] })
        }))
  }
  let start = setup.start.alpha.map { ", α = \(short($0))" } ?? ""
  return Figure(
    "\(setup.problem.name): n = \(setup.problem.sampleCount), d = \(setup.problem.featureCount), "
      + "λ = \(short(settings.lambda))\(start)", columns: 2, panels: panels)
}
