import CKernels
import LinearAlgebra

extension DiagonalNetwork {
  /// The residual that the last iteration's gradient was made of, or, in a wide X, led to.
  package func latestResidual(_ state: DescentState) -> UnsafePointer<Double> {
    UnsafePointer(design.isSwept ? state.sweptResidual : residual)
  }

  /// By the kernel that does many iterations in one call, or in one reading of X each.
  public func descend(
    _ state: DescentState, gamma: Double, beta: Double, step: Double, nesterov: Bool, iterations: Int,
    rows: UnsafeBufferPointer<Int>? = nil
  ) -> Int {
    if design.isSwept, rows == nil {
      sweep(state, [gamma, beta, step], nesterov)
      return 1
    }
    let x = problem.design.packed
    // A large X is read by all threads; then the gradient is computed before.
    let isShared = rows == nil && design.isShared
    if isShared {
      let (w, width) = (state.current, state.width)
      let ahead = nesterov ? beta : 0
      evaluate(plus: { w[$0] + ahead * w[2 * width + $0] }, minus: { w[width + $0] + ahead * w[3 * width + $0] })
      for i in 0..<featureCount { state.gradient[i] = lossGradient[i] }
    }
    let single = rows != nil || isShared
    let done = withUnsafeTemporaryAllocation(of: Double.self, capacity: 3) { settings in
      (settings[0], settings[1], settings[2]) = (gamma, beta, step)
      return problem.response.withUnsafeBufferPointer { y in
        mgf_descend(
          isShared ? nil : x.base, x.stride, single ? nil : x.transposed?.base, y.baseAddress, rows?.baseAddress,
          rows?.count ?? sampleCount, featureCount, state.width, settings.baseAddress, nesterov ? 1 : 0,
          single ? 1 : iterations,
          state.memory.base, state.parity, state.carry, state.scratch)
      }
    }
    state.parity = (state.parity + done) & 1
    if !isShared { count(passes: done) }
    return done
  }

  /// One iteration in one reading of X: each panel's gradient, the new weights there, and their share of the next residual.
  private func sweep(_ state: DescentState, _ settings: [Double], _ nesterov: Bool) {
    let (width, parity, n) = (state.width, state.parity, sampleCount)
    let memory = Shared((state.memory.base, state.carry, state.scratch))
    /// Without iterations only θ is made.
    @Sendable func move(_ columns: Range<Int>, iterations: Int) {
      let (j, (base, carry, scratch)) = (columns.lowerBound, memory.pointer)
      _ = mgf_descend(
        nil, 0, nil, nil, nil, n, columns.count, width, settings, nesterov ? 1 : 0, iterations, base + j, parity,
        carry + j, scratch + j)
    }
    let r = state.sweptResidual
    problem.response.withUnsafeBufferPointer { y in
      if state.residualParity != parity {
        move(0..<featureCount, iterations: 0)
        design.computeResiduals(state.scratch, nil, target: y.baseAddress, into: (r, nil))
      }
      design.sweep((r, nil), gradients: (state.gradient, nil), thetas: (state.scratch, nil)) { move($0, iterations: 1) }
      for q in 0..<n { r[q] -= y[q] }
    }
    state.parity = 1 - parity
    state.residualParity = state.parity
    count(passes: 1)
  }
}
