import Dynamics
import Figures
import Networks
import RealModule

/// Coefficients and weights of the largest features in time, loss and energy, balancedness; iterates as dots on the flow `beside`
/// them.
///
/// Throws `InvalidInput` when nothing was recorded.
func trajectoryFigure(
  _ record: TrajectoryRecord?, _ setup: Setup, heading: String, beside flow: TrajectoryRecord? = nil
) throws(InvalidInput) -> Figure {
  typealias Series = Figure.Series
  guard let record, record.count > 1 else {
    throw InvalidInput("figure", because: "no trajectory was recorded", remedy: "record more than one state")
  }
  let d = record.featureCount
  let end = record.theta(at: record.count - 1)
  let top = Array(end.indices.sorted { abs(end[$0]) > abs(end[$1]) }.prefix(5))
  // Where all but a hundredth of the loss has gone early, time is shown logarithmically from a little before.
  let early = record.times[record.loss.firstIndex { $0 <= 0.01 * record.loss[0] } ?? record.count - 1]
  let isLogarithmic = early > 0 && early < 0.1 * (record.times.last ?? 0)
  let first = isLogarithmic ? early / 100 : 0
  let chosen = indices(record.times, from: first, atMost: 400)
  let times = chosen.map { record.times[$0] }
  // Evenly along the axis.
  let dots = Set(
    (0...24).map { k in
      let share = Double(k) / 24
      let (low, high) = (max(times[0], 1e-3 * (times.last ?? 1)), times.last ?? 1)
      let time = isLogarithmic ? low * Double.pow(high / low, share) : share * high
      return times.indices.min { abs(times[$0] - time) < abs(times[$1] - time) } ?? 0
    }
  ).sorted()
  let names = top.map { record.featureNames[$0] }

  /// A quantity of each of some features: a line, or dots on the line of the flow.
  func curves(
    _ features: [Int], of quantity: (TrajectoryRecord, Int) -> [Double], name: (Int) -> String,
    style: Series.Style = .line
  ) -> [Series] {
    let own = chosen.map { quantity(record, $0) }
    guard let flow else {
      return features.enumerated().map { k, feature in
        Series(name(k), x: times, y: own.map { $0[feature] }, style: style, color: k)
      }
    }
    let steps = indices(flow.times, from: first, atMost: 400)
    let smooth = steps.map { quantity(flow, $0) }
    return features.enumerated().flatMap { k, feature in
      [
        Series(name(k), x: steps.map { flow.times[$0] }, y: smooth.map { $0[feature] }, style: style, color: k),
        Series("", x: dots.map { times[$0] }, y: dots.map { own[$0][feature] }, style: .circles, color: k),
      ]
    }
  }

  let changes = top.enumerated().compactMap { k, feature -> Series? in
    let at = record.occurrences.filter { $0.coordinate % d == feature }.map(\.time)
    guard !at.isEmpty, at.count <= 200 else { return nil }
    return Series("", x: at, y: at.map { value(of: feature, at: $0, record) }, style: .dots, color: k)
  }
  let dotted = flow == nil ? "" : "; circles: iterates"
  var panels = [
    Figure.Panel(
      "largest coefficients" + dotted + (changes.isEmpty ? "" : "; dots: sign changes"), xLabel: "time t", yLabel: "θ",
      xLogarithmic: isLogarithmic, series: curves(top, of: { $0.theta(at: $1) }, name: { names[$0] }) + changes)
  ]
  let blocks = record.model.parametrization.blockCount
  let few = Array(top.prefix(3))
  let labels = record.model.coordinateNames
  panels.append(
    Figure.Panel(
      "weights" + (blocks > 1 ? ": \(blocks == 2 ? "w₊ solid, w₋ dashed" : "\(labels[0]) solid, others dashed")" : ""),
      xLabel: "time t", yLabel: "w", xLogarithmic: isLogarithmic,
      series: (0..<blocks).flatMap { block in
        curves(
          few, of: { Array($0.weights(at: $1).dropFirst(block * d).prefix(d)) },
          name: { block == 0 ? names[$0] : "" }, style: block == 0 ? .line : .dashed)
      }, marks: record.occurrences.isEmpty ? [] : [.init(.y, at: 0, "")]))
  var energies = curves([0], of: { [$0.loss[$1]] }, name: { _ in "loss" })
  if record.energy != record.loss {
    energies += [Series("energy", x: times, y: chosen.map { record.energy[$0] }, style: .dashed, color: 1)]
  }
  panels.append(
    Figure.Panel(
      "loss" + (energies.count > 1 && record.energy != record.loss ? " and energy" : ""), xLabel: "time t",
      yLabel: "L(θ), E", xLogarithmic: isLogarithmic, yLogarithmic: true, series: energies))
  if record.model.parametrization == .diagonal {
    let start = NetworkQuantities.balancedness(record.weights(at: 0))
    panels.append(
      Figure.Panel(
        "balancedness", xLabel: "time t", yLabel: "Δ(t) / Δ₀", xLogarithmic: isLogarithmic, yLogarithmic: true,
        series: curves(
          top,
          of: { record, k in zip(NetworkQuantities.balancedness(record.weights(at: k)), start).map { $0 / $1 } },
          name: { names[$0] }
        ).map { series in
          // Δ passes through zero where a weight changes sign, which has no place on this axis.
          series.broken(
            at: series.color.map { k in record.occurrences.filter { $0.coordinate % d == top[k] }.map(\.time) } ?? [])
        }, marks: [.init(.y, at: 1, "")]))
  }
  return Figure(figureTitle(setup, heading), columns: 2, panels: panels)
}

/// The numbers of times from one on, the last among them: all, or about so many.
private func indices(_ times: [Double], from first: Double, atMost most: Int) -> [Int] {
  let shown = times.indices.filter { times[$0] >= first }
  return shown.count <= most ? shown : (0..<most).map { shown[$0 * (shown.count - 1) / (most - 1)] }
}

/// θ of a feature between recorded times.
private func value(of feature: Int, at t: Double, _ record: TrajectoryRecord) -> Double {
  let next = record.times.firstIndex { $0 >= t } ?? record.count - 1
  guard next > 0, record.times[next] > record.times[next - 1] else { return record.theta(at: next)[feature] }
  let part = (t - record.times[next - 1]) / (record.times[next] - record.times[next - 1])
  let (a, b) = (record.theta(at: next - 1)[feature], record.theta(at: next)[feature])
  return a + part * (b - a)
}
