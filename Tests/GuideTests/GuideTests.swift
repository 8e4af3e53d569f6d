import Descent
import Dynamics
import Foundation
import GSLSteppers
import ImplicitSteppers
import Networks
import Regression
import TaylorSteppers
import TestSupport
import Testing

/// The examples of Extending.md: each does what its page says, and the page shows them as they are.
@Suite struct GuideTests {
  @Test(arguments: ["ExampleNetwork", "ExampleStepper", "ExampleQuestion"])
  func pagesShowTheExamples(_ name: String) throws {
    let page = try String(contentsOfFile: "\(checkout)Sources/Guide/Guide.docc/Extending.md", encoding: .utf8)
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    let file = try String(contentsOfFile: "\(checkout)Tests/GuideTests/\(name).swift", encoding: .utf8)
    let parts = file.components(separatedBy: "// begin example\n").dropFirst()
      .map { $0.components(separatedBy: "// end example")[0] }
    #expect(blocks.count == 3 && parts.count == 1)
    #expect(blocks.contains(try #require(parts.first)))
  }

  // MARK: The network

  private func network(decay: Double = 0.3) throws -> DecayedNetwork {
    DecayedNetwork(try Instances.problem(4, 5, seed: 3), decay: decay)
  }

  @Test func gradientEqualsDifferences() throws {
    let network = try network()
    let m = network.dimension
    let (w, v) = (Instances.normals(m, seed: 1), Instances.normals(m, seed: 2))
    let f = network.gradient(w)
    let h = 1e-5
    func moved(_ direction: [Double], _ s: Double) -> [Double] { zip(w, direction).map { $0 + s * $1 } }
    for j in 0..<m {
      let unit = (0..<m).map { $0 == j ? 1.0 : 0 }
      let difference = (network.value(moved(unit, h)) - network.value(moved(unit, -h))) / (2 * h)
      #expect(abs(difference - f[j]) < 1e-7 * (1 + largest(f)))
    }
    var (derivative, matrix) = (f, [Double](repeating: 0, count: m * m))
    network.gradientDerivative(w, along: v, into: &derivative)
    network.gradientJacobian(w, into: &matrix)
    let differences = zip(network.gradient(moved(v, h)), network.gradient(moved(v, -h))).map { ($0 - $1) / (2 * h) }
    #expect(distance(differences, derivative) < 1e-6 * (1 + largest(derivative)))
    let product = (0..<m).map { i in (0..<m).reduce(0) { $0 + matrix[i * m + $1] * v[$1] } }
    #expect(distance(product, derivative) < 1e-12 * (1 + largest(derivative)))
  }

  /// Series, stages and the field itself make the same run, and it obeys the identity.
  @Test(arguments: [0.0, 0.5])
  func routesAgree(_ lambda: Double) throws {
    let network = try network()
    let (m, q) = (network.dimension, network.integralCount)
    func problem() throws -> InitialValueProblem {
      let field: any SeriesField & StageField & DifferentiableField =
        lambda > 0 ? try MomentumGradientFlow(network, lambda: lambda) : GradientFlow(network)
      let w = Instances.normals(m, seed: 4)
      return try InitialValueProblem(field, from: w + [Double](repeating: 0, count: field.dimension - m))
    }
    let tight = StepControl.adaptive(try Tolerance(relative: 1e-13))
    let taylor = try integrate(TaylorStepper(problem(), control: tight), until: 5)
    let gsl = try integrate(GSLStepper(.rk8pd, problem(), control: tight), until: 5)
    let loose = StepControl.adaptive(try Tolerance(relative: 1e-10))
    let radau = try integrate(RadauStepper(problem(), control: loose, method: RadauMethod(stages: 7)), until: 5)
    #expect(distance(taylor.state, gsl.state) < 1e-10)
    #expect(distance(taylor.state, radau.state) < 1e-7)
    guard lambda > 0 else { return }
    func balance(_ y: [Double]) -> [Double] {
      network.balance(Array(y[..<m]), Array(y[m..<2 * m]), lambda: lambda)
    }
    let expected = zip(balance(try problem().state), taylor.state[2 * m..<2 * m + q]).map { $0 + $1 }
    #expect(distance(balance(taylor.state), expected) < 1e-10)
    #expect(largest(taylor.state[2 * m..<2 * m + q]) > 0.1)
  }

  /// Iterates follow the flow to order 1; weight decay takes them to smaller weights.
  @Test func iteratesFollowTheFlow() throws {
    let network = try network()
    let m = network.dimension
    let start = try network.model.start(weights: Instances.normals(m, seed: 4), rates: nil, features: m / 2)
    let flow = try integrate(
      TaylorStepper(
        InitialValueProblem(
          MomentumGradientFlow(network, lambda: 0.5, carryingIntegrals: false), from: start.weights + start.rates),
        control: .adaptive(Tolerance(relative: 1e-12))), until: 2)
    let errors = try [0.004, 0.002].map { step in
      let descent = try Descent(network, DescentSettings(lambda: 0.5, step: step), from: start)
      while descent.time < 2 - step / 2 { descent.advance() }
      return distance(descent.weightArray, flow.state[..<m])
    }
    #expect(abs(log2(errors[0] / errors[1]) - 1) < 0.1, "\(errors)")
  }

  // MARK: The stepper

  /// Third order at step ends, and at most as much worse between them as at them.
  @Test func stepperConverges() throws {
    func errors(_ step: Double) throws -> (end: Double, within: Double) {
      let stepper = try BogackiShampine(
        InitialValueProblem(AnalyticField.exponentialOfSine(), from: [1]), control: .fixed(step: step))
      let solution = try integrate(stepper, until: 2, recording: .segments)
      let times = (0...200).map { 0.01 * Double($0) }
      let within = try times.map { abs(try solution.state(at: $0)[0] - exp(sin($0))) }
      return (abs(solution.state[0] - exp(sin(2))), largest(within))
    }
    let (coarse, fine) = (try errors(0.02), try errors(0.01))
    #expect(abs(log2(coarse.end / fine.end) - 3) < 0.2, "\(coarse) \(fine)")
    #expect(abs(log2(coarse.within / fine.within) - 3) < 0.3, "\(coarse) \(fine)")
  }

  @Test func stepperMeetsTolerancesAndEvents() throws {
    var last = Double.infinity
    for tolerance in [1e-4, 1e-6, 1e-8] {
      let stepper = try BogackiShampine(
        InitialValueProblem(AnalyticField.oscillator(), from: [1, 0]),
        control: .adaptive(Tolerance(relative: tolerance, absolute: tolerance)))
      let solution = try integrate(stepper, until: 10, locating: [.signChanges(of: 0..<1)])
      let error = hypot(solution.state[0] - cos(10), solution.state[1] + sin(10))
      #expect(error < 100 * tolerance && error < last, "\(error) at \(tolerance)")
      last = error
      #expect(solution.occurrences.count == 3 && solution.statistics.localError <= 1)
      #expect(abs(solution.occurrences[0].time - .pi / 2) < 100 * tolerance)
    }
  }

  /// What cannot be integrated ends with the typed failure, at the last state reached.
  @Test func stepperFails() throws {
    let field = AnalyticField(dimension: 1, rate: { _, y in [y[0] * y[0]] }, jacobian: { _, y in [[2 * y[0]]] })
    let control = StepControl.adaptive(try Tolerance(relative: 1e-6))
    let stepper = try BogackiShampine(InitialValueProblem(field, from: [1]), control: control)
    let error = #expect(throws: IntegrationError.self) { try integrate(stepper, until: 2) }
    #expect(abs(try #require(error).time - 1) < 1e-3)
    let problem = try InitialValueProblem(field, from: [1])
    #expect(throws: InvalidInput.self) { try BogackiShampine(problem, control: .fixed(step: 0)) }
  }

  // MARK: The question

  @Test func questionIsAnswered() throws {
    let answer = try ask(OrderWithMean(), seeds: 2)
    #expect(answer.verdict == "holds" && answer.rows.count == 6)
    for order in [1, 2] {
      #expect(abs(try #require(answer.summary.number("slope_\(order)")) - Double(order)) < 0.05)
    }
  }
}
