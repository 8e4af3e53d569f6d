import Dynamics
import LinearAlgebra
import Networks
import TaylorSteppers

/// d ln Δ∞/dλ at λ = 0: −2∫₀^∞ g² dt along gradient flow, d numbers.
///
/// Gauss's rule of 16 nodes on each step of the flow's Taylor series until the residual has fallen to 10⁻⁴, then the
/// linearised tail r = Σ uₖρₖe^{−hₖt} in closed form, whose error is a share 10⁻⁴ of its own 10⁻⁸.
/// Throws `InvalidInput` when the flow cannot be integrated. Source: Theory, eq. 5.2.
package func smallLambdaSlope(_ setup: Setup, monitor: RunMonitor = RunMonitor()) throws(InvalidInput) -> [Double] {
  let problem = setup.problem
  let (d, n) = (problem.featureCount, problem.sampleCount)
  guard setup.start.rates.allSatisfy({ $0 == 0 }) else {
    throw InvalidInput(
      "\(.uRate), \(.vRate)", because: "the slope at λ = 0 is one of gradient flow from a start at rest")
  }
  let network = DiagonalNetwork(problem)
  let rule = GaussRule(16)
  var integral = [Double](repeating: 0, count: d)
  var w = [Double](repeating: 0, count: 2 * d)
  let end: Solution
  do {
    let stepper = try TaylorStepper(
      InitialValueProblem(GradientFlow(DiagonalNetwork(problem), carryingIntegrals: false), from: setup.start.weights),
      control: .adaptive(Tolerance(relative: 1e-14, absolute: 0)))
    let probe = DiagonalNetwork(problem)
    let floor = 1e-4 * setup.responseScale
    end = try integrate(
      stepper, until: 1e15,
      recording: .streaming { segment in
        let length = segment.end - segment.start
        for (x, weight) in zip(rule.nodes, rule.weights) {
          segment.evaluate(at: segment.start + x * length, coordinates: 0..<2 * d, into: &w)
          network.evaluate(w)
          for i in 0..<d { integral[i] += weight * length * network.lossGradient[i] * network.lossGradient[i] }
        }
      },
      stoppingWhen: [
        .spending(on: monitor.meter, until: 1e15) { monitor.stopReason },
        StopCondition { view in
          _ = probe.value(view.state)
          return probe.residualMax <= floor ? .residual : nil
        },
      ])
  } catch let error as InvalidInput {
    throw error
  } catch {
    throw InvalidInput("gradient flow", because: "\(error)")
  }
  guard ![.interrupted, .maxWork, .maxSeconds].contains(end.outcome) else {
    throw InvalidInput("slope at λ = 0", because: "the search was stopped")
  }
  let y = end.state
  let modes = try ResidualModes(
    problem.design, rootWeights: (0..<d).map { (0.5 * (y[$0] * y[$0] + y[d + $0] * y[d + $0])).squareRoot() })
  _ = network.value(y)
  let rho = modes.components(Array(UnsafeBufferPointer(start: network.residual, count: n)))
  let (slope, h) = (modes.pullback(), modes.curvatures)
  for i in 0..<d {
    for j in h.indices {
      for k in h.indices {
        let product = slope[i * h.count + j] * slope[i * h.count + k] * rho[j] * rho[k]
        integral[i] += product * h[j] * h[k] / (h[j] + h[k])
      }
    }
  }
  return integral.map { -2 * $0 }
}
