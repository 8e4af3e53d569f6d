import Descent
import Dynamics
import ImplicitBias
import Networks
import Regression
import TaylorSteppers

/// Where the weights of a run with momentum are bound for, signs included: F± = (w± + λẇ±)/w±(0), for a discrete method
/// (w_k + β/(1−β)(w_k − w_{k−1}))/w₀, once no sign can change any more but by the end of what a start left over.
///
/// From the time on at which 4λ·maxᵢ‖Xᵢ‖√(2nE)/n ≤ 1/20, E the energy, which only falls, |g| cannot make weights oscillate;
/// 40λ later what has not joined the slow motion has decayed by e⁻⁴⁰. Then F vanishes together with the limit of its weight.
package struct SignedLimit {
  /// F±, 2d numbers; not a number where w±(0) = 0.
  package let values: [Double]
  /// ∂F±/∂λ, 2d numbers; nil for discrete methods.
  package let slopes: [Double]?
  /// The coordinates that changed sign on the way.
  package let changed: Set<Int>
  /// The largest |gᵢ| seen along the run.
  package let largestGradient: Double

  /// Whether some weight has changed its sign, or is bound to.
  package var hasChange: Bool { !changed.isEmpty || values.contains { $0 < 0 } }

  /// Where the run's energy lets no weight oscillate any more, and how long it then goes on.
  private static func isCalm(_ problem: RegressionProblem, largestNorm: Double, energy: Double, lambda: Double) -> Bool
  {
    let n = Double(problem.sampleCount)
    return 4 * lambda * largestNorm * (2 * n * energy).squareRoot() / n <= 0.05
  }

  /// Of momentum gradient flow, by the Taylor series of w and ∂w/∂λ, or of w alone where weights leave the range of doubles.
  /// Throws `InvalidInput` when it cannot be integrated.
  package init(_ setup: Setup, lambda: Double, monitor: RunMonitor) throws(InvalidInput) {
    let layout = FlowLayout(.mgf, DiagonalNetwork(setup.problem))
    let far = FarWeights(
      lambda: lambda, weights: layout.weights, rates: layout.rates, drifts: layout.gradientIntegral)
    if let run = try Self(setup, lambda: lambda, following: nil, monitor: monitor) {
      self = run
    } else if let run = try Self(setup, lambda: lambda, following: far, monitor: monitor) {
      self = run
    } else {
      throw InvalidInput("λ = \(lambda)", because: "some weight left the range of doubles")
    }
  }

  /// Nil when a weight leaves the range of doubles with nobody to follow it.
  private init?(_ setup: Setup, lambda: Double, following far: FarWeights?, monitor: RunMonitor) throws(InvalidInput) {
    let problem = setup.problem
    let m = 2 * problem.featureCount
    let network = DiagonalNetwork(problem)
    let flow = try ExpandedFlow(network, lambda: lambda, in: .inertia, levels: 2)
    let field: any SeriesField = far == nil ? flow : try MomentumGradientFlow(network, lambda: lambda)
    let probe = DiagonalNetwork(problem)
    let norm = problem.design.columnNorms.max() ?? 0
    let start = setup.start
    var largest = 0.0
    var calm: Double?
    var isLost = false
    var outcome = Outcome.reached
    let end: Solution
    do {
      let stepper = try TaylorStepper(
        InitialValueProblem(
          field, from: Array((flow.start(start) + [Double](repeating: 0, count: m)).prefix(field.dimension))),
        control: .adaptive(Tolerance(relative: 1e-13, absolute: 0)))
      var w = [Double](repeating: 0, count: m)
      end = try integrate(
        stepper, until: 1e9,
        recording: .streaming { segment in
          for part in 1...4 {
            let t = segment.start + 0.25 * Double(part) * (segment.end - segment.start)
            segment.evaluate(at: min(t, segment.end), coordinates: 0..<m, into: &w)
            probe.evaluate(w)
            for i in 0..<m / 2 { largest = max(largest, abs(probe.lossGradient[i])) }
          }
        },
        stoppingWhen: [
          .spending(on: monitor.meter, until: 1e9) { monitor.stopReason },
          StopCondition { view in
            isLost = far == nil && FarWeights.hasAny(view.state, view.state + m, count: m, lambda: lambda)
            if isLost { return .reached }
            if let calm { return view.time >= calm + 40 * lambda ? .reached : nil }
            let loss = probe.value(view.state)
            let rates = Array(UnsafeBufferPointer(start: view.state + m, count: m))
            let energy = loss + NetworkQuantities.kineticEnergy(rates, lambda: lambda)
            if Self.isCalm(problem, largestNorm: norm, energy: energy, lambda: lambda) { calm = view.time }
            return nil
          },
        ], locating: [.signChanges(of: 0..<m)], following: far)
      outcome = end.outcome
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw InvalidInput("λ = \(lambda)", because: "\(error)")
    }
    guard outcome == .reached else { throw InvalidInput("λ = \(lambda)", because: "the search was stopped") }
    if isLost { return nil }
    let y = end.state
    let scaled = ScaledWeights(Array(y[..<m]), Array(y[m..<2 * m]), far?.weights ?? [])
    values = (0..<m).map { j in
      let value = (scaled.weights[j] + lambda * scaled.rates[j]) / start.weights[j]
      // Signs count, however small the value.
      let size = Double(sign: .plus, exponent: max(-1000, scaled.exponents?[j] ?? 0), significand: 1)
      return value == 0 || value.isNaN
        ? value : Double(signOf: value, magnitudeOf: max(abs(value) * size, .leastNormalMagnitude))
    }
    slopes =
      far != nil
      ? nil : (0..<m).map { (y[2 * m + $0] + y[m + $0] + lambda * y[3 * m + $0]) / start.weights[$0] }
    changed = Set(end.occurrences.map(\.coordinate))
    largestGradient = largest
  }

  /// Of a discrete method. Throws `InvalidInput` when it diverges.
  package init(_ setup: Setup, _ settings: DescentSettings, monitor: RunMonitor) throws(InvalidInput) {
    let problem = setup.problem
    let norm = problem.design.columnNorms.max() ?? 0
    let descent = try Descent(DiagonalNetwork(problem), settings, from: setup.start)
    let maximum = Int(min(1e9 / settings.step, 1e9))
    var calm: Double?
    let result = descent.run(
      iterations: maximum, atMost: monitor.meter.remaining,
      observe: { run in
        if run.iteration & 255 == 0, let reason = monitor.stopReason { return reason }
        if let calm { return run.time >= calm + 40 * settings.lambda ? .reached : nil }
        let energy = run.loss() + NetworkQuantities.kineticEnergy(run.rateArray, lambda: settings.lambda)
        if Self.isCalm(problem, largestNorm: norm, energy: energy, lambda: settings.lambda) { calm = run.time }
        return nil
      })
    monitor.meter.charge(descent.iteration)
    guard result.outcome == .reached, result.divergedAt == nil else {
      throw InvalidInput(
        "λ = \(settings.lambda), ε = \(settings.step)",
        because: result.divergedAt == nil ? "the search was stopped" : "the iterates diverged",
        remedy: "choose a smaller ε")
    }
    values = zip(descent.coastingWeights, setup.start.weights).map { $0 / $1 }
    slopes = nil
    changed = Set(result.occurrences.map(\.coordinate))
    largestGradient = .nan
  }
}
