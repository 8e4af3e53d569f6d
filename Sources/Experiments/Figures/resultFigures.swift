import Descent
import Dynamics
import Figures
import ImplicitBias
import RealModule

/// Errors of iterates, and of their limits, against the step. Throws `InvalidInput` when there are none.
func comparisonFigure(_ found: Measurements, _ setup: Setup) throws(InvalidInput) -> Figure {
  typealias Series = Figure.Series
  let rows = found.rows ?? []
  let steps = rows.compactMap(\.step)
  let all: [(name: String, errors: [Double])] = [
    ("largest, in w", rows.map { $0.maximumError ?? .nan }),
    ("root mean square, in w", rows.map { $0.rmsError ?? .nan }),
    ("largest, in θ", rows.map { $0.thetaMaximumError ?? $0.thetaBias ?? .nan }),
  ]
  let curves = all.filter { curve in curve.errors.contains { $0 > 0 } }
  guard !curves.isEmpty, steps.count == rows.count else {
    throw InvalidInput("figure", because: "no step has an error", remedy: "choose smaller steps")
  }
  let order = Double(found.order ?? 1)
  let least = curves.flatMap(\.errors).filter { $0 > 0 }.min() ?? 1
  var panels = [
    Figure.Panel(
      "distance of iterates from the flow" + (found.slope.map { ": fitted order \(short($0, digits: 3)) in w" } ?? ""),
      xLabel: "time step ε", yLabel: "error up to t = \(short(found.until ?? .nan))", xLogarithmic: true,
      yLogarithmic: true,
      series: [.slope(order, over: steps, from: 0.5 * least)]
        + curves.map { Series($0.name, x: steps, y: $0.errors, style: .linePoints) })
  ]
  if let gaps = found.limitGap, gaps.contains(where: { ($0.deltaGap ?? 0) > 0 }) {
    panels.append(
      Figure.Panel(
        "limits of iterates and flow", xLabel: "time step ε", yLabel: "largest relative difference", xLogarithmic: true,
        yLogarithmic: true,
        series: [
          .slope(
            order, over: gaps.map { $0.step ?? .nan },
            from: 0.4 * (gaps.compactMap(\.thetaGap).filter { $0 > 0 }.min() ?? .nan)),
          Series("Δ∞", x: gaps.map { $0.step ?? .nan }, y: gaps.map { $0.deltaGap ?? .nan }, style: .linePoints),
          Series("θ∞", x: gaps.map { $0.step ?? .nan }, y: gaps.map { $0.thetaGap ?? .nan }, style: .linePoints),
        ]))
  }
  return Figure(
    figureTitle(setup, "\(found.method ?? "") at λ = \(short(found.lambda ?? .nan))"), columns: 2, panels: panels)
}

/// Δ₀ and Δ∞ by feature, and θ∞. Throws `InvalidInput` when they are not known.
func limitFigure(_ found: Measurements, _ setup: Setup) throws(InvalidInput) -> Figure {
  typealias Series = Figure.Series
  guard let start = found.initialBalancedness, let end = found.balancedness, let theta = found.theta else {
    throw InvalidInput("figure", because: "the limit is not known")
  }
  let order = end.indices.sorted { end[$0] > end[$1] }
  let places = order.indices.map { Double($0 + 1) }
  let large = theta.indices.sorted { abs(theta[$0]) > abs(theta[$1]) }
  var coefficients = [Series("θ∞", x: places, y: large.map { theta[$0] }, style: .points, color: 0)]
  if let truth = setup.problem.truth {
    coefficients.insert(Series("θ*", x: places, y: large.map { truth[$0] }, style: .circles, color: 1), at: 0)
  }
  let names = [
    "gf": "gradient flow", "mgf": "momentum gradient flow", "heavy-ball": "heavy ball", "nesterov": "Nesterov's method",
  ]
  let name = found.flow ?? found.method ?? ""
  let motion = names[name] ?? name
  return Figure(
    figureTitle(setup, "limit of \(motion)" + (found.lambda.map { ", λ = \(short($0))" } ?? "")), columns: 2,
    panels: [
      Figure.Panel(
        "balancedness of each feature", xLabel: "features, by Δ∞", yLabel: "Δ", yLogarithmic: true,
        series: [
          Series("Δ₀", x: places, y: order.map { start[$0] }, style: .circles, color: 1),
          Series("Δ∞", x: places, y: order.map { end[$0] }, style: .points, color: 0),
        ]),
      Figure.Panel(
        "coefficient of each feature", xLabel: "features, by |θ∞|", yLabel: "θ", series: coefficients,
        marks: [.init(.y, at: 0, "")]),
    ])
}

/// The signed limit of the weight that changes sign first, and the test error where λ* was sought, against λ. Throws `InvalidInput`
/// when λ_c is not known.
func thresholdsFigure(
  _ found: Measurements, _ criteria: ThresholdCriteria, _ setup: Setup, _ monitor: RunMonitor
) throws(InvalidInput) -> Figure {
  typealias Series = Figure.Series
  guard let critical = found.lambdaCritical, let first = found.firstSignChange, let feature = first.feature else {
    throw InvalidInput("figure", because: "λ_c is not known")
  }
  let motion: CriticalLambda.Motion = criteria.step.map { .descent(step: $0, criteria.method) } ?? .flow
  let coordinate = feature + (first.coordinate == "minus" ? setup.problem.featureCount : 0)
  let marks = [
    found.lambdaCertified.map { Figure.Panel.Mark(.x, at: $0, "λ_{cert}") },
    Figure.Panel.Mark(.x, at: critical, "λ_{c}"),
  ].compactMap { $0 }
  var (lambdas, limits): ([Double], [Double]) = ([], [])
  for k in 1...32 where monitor.stopReason == nil {
    let lambda = 1.6 * critical * Double(k) / 32
    if let step = criteria.step, lambda < step { continue }
    lambdas.append(lambda)
    limits.append((try? motion.limit(of: coordinate, setup, lambda: lambda, monitor: monitor)) ?? .nan)
  }
  let weight = first.coordinate == "minus" ? "w₋" : "w₊"
  var panels = [
    Figure.Panel(
      "limit of \(weight) of \(first.name ?? "")", xLabel: "λ", yLabel: "limit of \(weight), signed, / start",
      series: [Series("", x: lambdas, y: limits)], marks: marks + [.init(.y, at: 0, "")])
  ]
  if let range = criteria.range, let best = found.lambdaOptimal {
    let even = (0..<49).map { k in
      range.lowerBound * Double.pow(range.upperBound / range.lowerBound, Double(k) / 48)
    }
    // Minima may be narrow: they and what is beside them.
    let narrow = ((found.minima ?? []).compactMap(\.lambda) + [best]).flatMap { least in
      [0.9, 0.95, 0.98, 0.99, 0.995, 1, 1.005, 1.01, 1.02, 1.05, 1.1].map { $0 * least }
    }
    let grid = Set(even + narrow.filter { range.contains($0) }).sorted()
    var errors: [Double] = []
    for lambda in grid where monitor.stopReason == nil {
      errors.append(
        (try? motion.limit(setup, lambda: lambda, monitor: monitor)).flatMap { setup.problem.testError($0.theta) }
          ?? .nan)
    }
    panels.append(
      Figure.Panel(
        "test error of the limit", xLabel: "λ", yLabel: "test error", xLogarithmic: true, yLogarithmic: true,
        series: [Series("", x: Array(grid.prefix(errors.count)), y: errors)],
        marks: marks.filter { range.contains($0.value) } + [.init(.x, at: best, "λ*")]))
  }
  return Figure(figureTitle(setup, "critical λ = \(short(critical))"), columns: 2, panels: panels)
}
