extension Twin {
  /// Heavy ball or Nesterov, one iteration at a time, with compensated sums (Theory, section 2).
  final class Descent {
    let problem: Problem
    let method: DescentMethod
    private(set) var iteration = 0
    private(set) var signChanges: [SignChange] = []
    let look: Look

    private let d: Int
    private let weight: Memory
    private let delta: Memory
    private let carry: Memory
    private let ahead: Memory
    private let last: Memory
    private let sum: Memory
    private let sumCarry: Memory
    private var signs: [Int]

    init(_ problem: Problem, _ method: DescentMethod, weights: [Double], rates: [Double]) {
      (self.problem, self.method, d) = (problem, method, problem.features)
      (weight, delta) = (Memory(weights), Memory(rates.map { method.step * $0 }))
      (carry, ahead, last) = (Memory(2 * d), Memory(2 * d), Memory(4 * d))
      (sum, sumCarry, look) = (Memory(d), Memory(d), Look(problem))
      signs = weights.map { SignChange.sign($0) }
    }

    var time: Double { Double(iteration) * method.step }
    var weights: [Double] { weight.array(0..<2 * d) }
    /// w_k − w_{k−1}.
    var increments: [Double] { delta.array(0..<2 * d) }
    /// (w_k − w_{k−1})/ε.
    var rates: [Double] { increments.map { $0 / method.step } }
    /// ε Σ g.
    var gradientIntegral: [Double] { (0..<d).map { sum.base[$0] + sumCarry.base[$0] } }
    /// What the flow is compared with.
    var position: UnsafeMutablePointer<Double> { weight.base }

    /// w_{k+1} = w_k + δ, δ = βδ − γf, f = ±g w where the gradient is taken; false when it diverges, at the iterate before.
    func advance() -> Bool {
      let (w, v, c, beta, gamma) = (weight.base, delta.base, carry.base, method.beta, method.gamma)
      let at = method.isNesterov ? ahead.base : w
      if method.isNesterov { for i in 0..<2 * d { at[i] = w[i] + beta * v[i] } }
      look.takeGradient(at)
      let g = look.gradient.base
      for i in 0..<2 * d {
        last.base[i] = w[i]
        last.base[2 * d + i] = v[i]
        let force = i < d ? g[i] * at[i] : -(g[i - d] * at[i])
        v[i] = beta * v[i] - gamma * force
        let term = v[i] + c[i]
        let next = w[i] + term
        c[i] = term - (next - w[i])
        w[i] = next
      }
      for i in 0..<2 * d where !(abs(w[i]) <= 1e100) {
        for i in 0..<2 * d { (w[i], v[i]) = (last.base[i], last.base[2 * d + i]) }
        return false
      }
      for i in 0..<d {
        let term = method.step * g[i] + sumCarry.base[i]
        let next = sum.base[i] + term
        sumCarry.base[i] = term - (next - sum.base[i])
        sum.base[i] = next
      }
      iteration += 1
      watchSigns()
      return true
    }

    private func watchSigns() {
      for i in 0..<2 * d {
        let (w, before) = (weight.base[i], signs[i])
        let now = w > 0 ? 1 : (w < 0 ? -1 : before)
        guard now != before else { continue }
        if before != 0 {
          let fraction = delta.base[i] == 0 ? 0 : w / delta.base[i]
          signChanges.append(SignChange(coordinate: i, time: time - fraction * method.step, direction: now))
        }
        signs[i] = now
      }
    }

    /// Loss and residual at w_k.
    func observe() { look.take(weight.base) }
  }
}
