import Dynamics
import Foundation
import GSLSteppers
import LinearAlgebra
import Networks
import Regression
import TestSupport
import Testing

@Suite struct InvariantTests {
  /// n = d = 1, x = 1: with θ = (Δ₀/2) sinh 2ξ, a = y, b = Δ₀/2 and R = √(a² + b²),
  /// a tanh ξ = R tanh(Rt + artanh(b/R)) − b (the integral of dξ/(a − b sinh 2ξ) = dt).
  @Test(arguments: [0.5, 2, -1.3])
  func closedFormOfGradientFlow(_ y: Double) throws {
    let problem = try RegressionProblem(
      name: "1", design: DesignMatrix(rows: 1, columns: 1, elements: [1]), response: [y])
    let alpha = 0.1
    let stepper = try GSLStepper(
      .rk8pd,
      InitialValueProblem(
        GradientFlow(DiagonalNetwork(problem)), from: Initialization(alpha: alpha, features: 1).weights + [0, 0, 0]),
      control: .adaptive(Tolerance(relative: 1e-13)))
    let b = alpha * alpha
    let r = (y * y + b * b).squareRoot()
    let times = [0.1, 1, 3, 10]
    let solution = try integrate(stepper, until: 10, recording: .times(times))
    for (index, t) in times.enumerated() {
      let xi = atanh((r * tanh(r * t + atanh(b / r)) - b) / y)
      let theta = b * sinh(2 * xi)
      let state = Array(solution.recordedState(index))
      #expect(abs(NetworkQuantities.theta(state.prefix(2))[0] - theta) < 2e-12 * max(1, abs(y)))
    }
  }

  @Test(arguments: Instances.shapes)
  func gradientFlowKeepsTheBalance(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 30)
    let start = try Initialization(alpha: 0.1, features: d)
    let stepper = try GSLStepper(
      .rk8pd,
      InitialValueProblem(
        GradientFlow(DiagonalNetwork(problem)), from: start.weights + [Double](repeating: 0, count: 2 * d + 1)),
      control: .adaptive(Tolerance(relative: 1e-13)))
    let solution = try integrate(stepper, until: 20, recording: .everyStep)
    for index in solution.times.indices {
      let delta = NetworkQuantities.signedBalancedness(solution.recordedState(index).prefix(2 * d))
      for value in delta { #expect(abs(value / 0.02 - 1) < 1e-12) }
    }
  }

  /// The energy and additive balance identities at every step, through sign changes and with initial speeds.
  @Test(arguments: [0.05, 1.0, 10.0], [false, true])
  func momentumFlowIdentities(_ lambda: Double, _ moving: Bool) throws {
    let (n, d) = (10, 15)
    let problem = try Instances.problem(n, d, seed: 31)
    let network = DiagonalNetwork(problem)
    let start = try Initialization(
      u: [Double](repeating: 0.2, count: d), v: [Double](repeating: 0, count: d),
      uRate: moving ? Instances.normals(d, seed: 32) : nil, vRate: moving ? Instances.normals(d, seed: 33) : nil,
      features: d)
    let state = start.weights + start.rates + [Double](repeating: 0, count: 2 * d + 1)
    let stepper = try GSLStepper(
      .rk8pd, InitialValueProblem(MomentumGradientFlow(network, lambda: lambda), from: state),
      control: .adaptive(Tolerance(relative: 1e-13)))
    let solution = try integrate(
      stepper, until: 30, recording: .everyStep, locating: [.signChanges(of: 0..<2 * d)])
    if lambda > 0.5 { #expect(!solution.occurrences.isEmpty) }
    let probe = DiagonalNetwork(problem)
    let before = NetworkQuantities.extendedBalancedness(start.weights, start.rates, lambda: lambda)
    let energy0 = probe.value(start.weights) + NetworkQuantities.kineticEnergy(start.rates, lambda: lambda)
    for index in solution.times.indices {
      let y = Array(solution.recordedState(index))
      let (w, v) = (Array(y[0..<2 * d]), Array(y[2 * d..<4 * d]))
      let now = NetworkQuantities.extendedBalancedness(w, v, lambda: lambda)
      let largestBalance = max(largest(NetworkQuantities.balancedness(w)), largest(before))
      for i in 0..<d { #expect(abs(now[i] - before[i] - y[4 * d + i]) < 1e-11 * largestBalance) }
      let energy = probe.value(w) + NetworkQuantities.kineticEnergy(v, lambda: lambda)
      #expect(abs(energy - energy0 + y[6 * d]) < 1e-11 * energy0)
    }
  }

  /// Each recorded sign change really separates states of different sign, and their number matches the states'.
  @Test func signChangesMatchTheStates() throws {
    let d = 15
    let problem = try Instances.problem(10, d, seed: 31)
    let stepper = try GSLStepper(
      .rk8pd,
      InitialValueProblem(
        MomentumGradientFlow(DiagonalNetwork(problem), lambda: 10),
        from: Initialization(alpha: 0.2, features: d).weights + [Double](repeating: 0, count: 4 * d + 1)),
      control: .adaptive(Tolerance(relative: 1e-12)))
    let times = (0...6000).map { Double($0) * 0.005 }
    let solution = try integrate(
      stepper, until: 30, recording: .times(times), locating: [.signChanges(of: 0..<2 * d)])
    #expect(solution.occurrences.count > 10)
    for i in 0..<2 * d {
      let mine = solution.occurrences.filter { $0.coordinate == i }
      var seen: [(Double, Int)] = []
      for k in 1..<times.count {
        let a = solution.states[(k - 1) * solution.dimension + i]
        let b = solution.states[k * solution.dimension + i]
        if (a < 0) != (b < 0) { seen.append((times[k], b > a ? 1 : -1)) }
      }
      #expect(mine.map(\.direction) == seen.map(\.1))
      for (occurrence, (time, _)) in zip(mine, seen) {
        #expect(occurrence.time <= time && occurrence.time >= time - 0.005)
      }
    }
  }
}
