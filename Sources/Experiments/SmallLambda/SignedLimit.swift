import Descent
import DiagonalNetworks
import Dynamics
import ImplicitBias
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
  /// When it ended.
  package let time: Double

  /// Whether some weight has changed its sign, or is bound to.
  package var hasChange: Bool { !changed.isEmpty || values.contains { $0 < 0 } }

  /// Where the run's energy lets no weight oscillate any more, and how long it then goes on.
  private static func isCalm(_ problem: RegressionProblem, largestNorm: Double, energy: Double, lambda: Double) -> Bool
  {
    let n = Double(problem.sampleCount)
    return 4 * lambda * largestNorm * (2 * n * energy).squareRoot() / n <= 0.05
  }

  /// Signed limits and slopes from elsewhere.
  package init(values: [Double], slopes: [Double]?) {
    (self.values, self.slopes) = (values, slopes)
    (changed, largestGradient, time) = ([], .nan, .infinity)
  }

  /// Of momentum gradient flow, by the Taylor series of w and ∂w/∂λ. Throws `InvalidInput` when it cannot be integrated.
  package init(_ setup: Setup, lambda: Double, monitor: RunMonitor) throws(InvalidInput) {
    let problem = setup.problem
    let m = 2 * problem.featureCount
    let flow = try ExpandedFlow(DiagonalNetwork(problem), lambda: lambda, in: .inertia, levels: 2)
    let probe = DiagonalNetwork(problem)
    let norm = problem.design.columnNorms.max() ?? 0
    let start = setup.start
    var largest = 0.0
    var calm: Double?
    var outcome = Outcome.reached
    let end: Solution
    do {
      var stepper = try TaylorStepper(
        InitialValueProblem(flow, from: flow.start(start)),
        control: .adaptive(Tolerance(relative: 1e-13, absolute: 0)))
      var w = [Double](repeating: 0, count: m)
      end = try integrate(
        &stepper, until: 1e9,
        recording: .streaming { segment in
          w.withUnsafeMutableBufferPointer {
            guard let w = $0.baseAddress else { return }
            for part in 1...4 {
              let t = segment.start + 0.25 * Double(part) * (segment.end - segment.start)
              segment.evaluate(at: min(t, segment.end), coordinates: 0..<m, into: w)
              probe.evaluate(w)
              for i in 0..<m / 2 { largest = max(largest, abs(probe.lossGradient[i])) }
            }
          }
        },
        stoppingWhen: [
          .interrupted(when: monitor.isInterrupted),
          StopCondition { view in
            if let calm { return view.time >= calm + 40 * lambda ? .reached : nil }
            let loss = probe.value(view.state)
            let rates = Array(UnsafeBufferPointer(start: view.state + m, count: m))
            let energy = loss + NetworkQuantities.kineticEnergy(rates, lambda: lambda)
            if Self.isCalm(problem, largestNorm: norm, energy: energy, lambda: lambda) { calm = view.time }
            return nil
          },
        ], locating: [.signChanges(of: 0..<m)])
      outcome = end.outcome
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw InvalidInput("λ = \(lambda)", because: "\(error)")
    }
    guard outcome != .interrupted else { throw InvalidInput("λ = \(lambda)", because: "the search was interrupted") }
    let y = end.state
    values = (0..<m).map { (y[$0] + lambda * y[m + $0]) / start.weights[$0] }
    slopes = (0..<m).map { (y[2 * m + $0] + y[m + $0] + lambda * y[3 * m + $0]) / start.weights[$0] }
    changed = Set(end.occurrences.map(\.coordinate))
    largestGradient = largest
    time = end.time
  }

  /// Of a discrete method. Throws `InvalidInput` when it diverges.
  package init(_ setup: Setup, _ settings: DescentSettings, monitor: RunMonitor) throws(InvalidInput) {
    let problem = setup.problem
    let norm = problem.design.columnNorms.max() ?? 0
    let descent = try Descent(DiagonalNetwork(problem), settings, from: setup.start)
    let maximum = Int(min(1e9 / settings.step, 1e9))
    var calm: Double?
    let result = descent.run(
      iterations: maximum,
      observe: { run in
        if run.iteration & 255 == 0, monitor.isInterrupted() { return .interrupted }
        if let calm { return run.time >= calm + 40 * settings.lambda ? .reached : nil }
        let energy = run.loss() + NetworkQuantities.kineticEnergy(run.rateArray, lambda: settings.lambda)
        if Self.isCalm(problem, largestNorm: norm, energy: energy, lambda: settings.lambda) { calm = run.time }
        return nil
      })
    guard result.outcome == .reached, result.divergedAt == nil else {
      throw InvalidInput(
        "λ = \(settings.lambda), ε = \(settings.step)",
        because: result.outcome == .interrupted ? "the search was interrupted" : "the iterates diverged",
        remedy: "choose a smaller ε")
    }
    values = zip(descent.coastingWeights, setup.start.weights).map { $0 / $1 }
    slopes = nil
    changed = Set(result.occurrences.map(\.coordinate))
    largestGradient = .nan
    time = descent.time
  }
}
