import Dynamics
import RealModule

/// How a run gets on: what it has reached for how many steps, and what the whole will take. Long runs are announced.
package final class Pace {
  /// Where the run is to end: a time, or a number of iterations.
  package let end: Double
  /// What positions are: "t", or "iteration".
  package let unit: String
  /// Whether a run that is well may end before.
  package let isBound: Bool
  private let announcer: Announcer
  /// Positions when 1, 2, 4, 8, … steps were done.
  private var marks: [(steps: Int, position: Double)] = []
  package private(set) var steps = 0
  package private(set) var position = 0.0

  /// A run at position 0.
  package init(_ unit: String, until end: Double, _ monitor: RunMonitor, isBound: Bool = false) {
    self.unit = unit
    self.end = end
    self.isBound = isBound
    announcer = Announcer(monitor)
  }

  /// Takes note of where the run is; several at once are the same run.
  package func observe(_ position: Double, steps: Int) {
    if steps < self.steps { marks = [] }
    (self.position, self.steps) = (position, steps)
    if steps >= 2 * (marks.last?.steps ?? 0), steps > 0 { marks.append((steps, position)) }
    announcer.tell { seconds in
      let forecast = forecastSeconds
      if !isBound, let forecast, forecast - seconds < 60 { return nil }
      let (place, limit) =
        unit == "t"
        ? ("t = \(short(position))", short(end)) : ("\(unit) \(short(position, digits: 12))", short(end, digits: 12))
      return place + (isBound ? " (at most \(limit))" : " of \(limit)") + (unit == "t" ? ", \(steps) steps" : "")
        + " in \(duration(seconds))"
        + (isBound
          ? "" : forecast.map { "; at this rate the whole takes \(duration($0))" } ?? "; the time stands still")
    }
  }

  /// Seconds since the start.
  package var seconds: Double { announcer.seconds }

  /// The seconds of the whole at the rate so far; nil when nothing was done yet.
  package var forecastSeconds: Double? {
    guard let whole = forecastSteps, steps > 0 else { return nil }
    return seconds * (whole / Double(steps))
  }

  /// The steps of the whole; nil when the position does not move. Counted, not timed: steps that grow with the position grow
  /// on as in the last doublings of their number, by a power or geometrically.
  package var forecastSteps: Double? {
    guard steps > 0, position > 0 else { return nil }
    guard position < end else { return Double(steps) }
    let n = Double(steps)
    let earlier = marks.filter { 3 * $0.steps <= 2 * steps && $0.position > 0 }
    guard let last = earlier.last, last.position < position else { return n * (end / position) }
    let growth = Double.log(position / last.position)
    let (power, doubling) = (growth / Double.log(n / Double(last.steps)), growth / (n - Double(last.steps)))
    let toGo = Double.log(end / position)
    if earlier.count > 1 {
      let before = earlier[earlier.count - 2]
      let former =
        Double.log(last.position / before.position) / Double.log(Double(last.steps) / Double(before.steps))
      // A geometric growth doubles the power with the number of steps.
      if power > 1.4 * former, power > 2 { return n + toGo / doubling }
    }
    return n * .exp(toGo / max(power, 1e-3))
  }
}
