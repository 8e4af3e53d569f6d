import CKernels

/// Passes over a wide X, whose rows no cache holds, column panel by column panel: 256 columns of all rows stay in the
/// last cache between their two uses.
///
/// A gradient needs all residuals first, so that a lone one reads X twice. But whoever makes the next θ from the
/// gradient feature by feature, as series and discrete methods do, gets on with one reading a gradient: Xᵀr over a panel,
/// the new θ there, and its share of the next Xθ.
extension DesignMatrix.Gradient {
  /// From this many columns on.
  static let wideLimit = 1 << 18
  /// Columns of a panel.
  static let panel = 256
  /// Up to this many rows, a panel's 2 KB of each stay in the last cache.
  private static let rowLimit = 4096

  /// Whether X is read by column panels.
  package var isSwept: Bool { shares != nil }

  /// Threads' parts of the columns, in whole panels; their number depends on the shape alone. Empty for a narrow X.
  static func parts(_ x: PackedMatrix) -> [Range<Int>] {
    // Processes that share X must agree, however the columns are dealt.
    guard x.sharing?.leastColumns ?? x.columns >= wideLimit, x.rows <= rowLimit, x.rows * x.columns >= threshold else {
      return []
    }
    let panels = (x.columns + panel - 1) / panel
    let count = 16
    return (0..<count).map { $0 * panels / count * panel..<min(($0 + 1) * panels / count * panel, x.columns) }
  }

  /// The vectors of one or two right-hand sides.
  package typealias Sides = (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>?)

  /// r = Xθ − y, and r′ = Xθ′ if there is a θ′. One reading of X.
  package func computeResiduals(
    _ theta: UnsafePointer<Double>, _ second: UnsafePointer<Double>?, target y: UnsafePointer<Double>?,
    into r: Sides
  ) {
    // Where several processes sum their shares, the target is taken off the sum.
    let whole = reduction == nil ? nil : y
    let (x, y, a, b) = (
      Shared(x), (reduction == nil ? y : nil).map { Shared($0) }, Shared(theta), second.map { Shared($0) }
    )
    let (ra, rb) = (Shared(r.0), r.1.map { Shared($0) })
    let rows = x.pointer.rows
    // Whole tiles of 8 rows each.
    let chunks = min(32, (rows + 7) / 8)
    Parallelism.perform(chunks) { chunk in
      let x = x.pointer
      let tiles = (rows + 7) / 8
      let first = 8 * (chunk * tiles / chunks)
      let count = min(8 * ((chunk + 1) * tiles / chunks), rows) - first
      let (base, target) = (x.base + first * x.stride, y.map { $0.pointer + first })
      if let b, let rb {
        mgf_gradient_pair(
          base, x.stride, nil, target, count, x.columns, a.pointer, b.pointer, 1, ra.pointer + first,
          rb.pointer + first, nil, nil)
      } else {
        mgf_gradient(
          base, x.stride, nil, target, nil, count, x.columns, a.pointer, 1, ra.pointer + first, nil)
      }
    }
    sumOverProcesses(r)
    if let whole { for q in 0..<rows { r.0[q] -= whole[q] } }
  }

  /// Sums residuals over the processes that share X.
  private func sumOverProcesses(_ r: Sides) {
    guard let reduction else { return }
    let n = x.rows
    guard let second = r.1 else { return reduction.sum(r.0, n) }
    // One message for both.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * n) { both in
      guard let base = both.baseAddress else { return }
      base.update(from: r.0, count: n)
      (base + n).update(from: second, count: n)
      reduction.sum(base, 2 * n)
      r.0.update(from: base, count: n)
      second.update(from: base + n, count: n)
    }
  }

  /// g = Xᵀr/n for one or two r. One reading of X.
  func pullBack(_ r: Sides, into g: Sides) {
    if isSwept { return sweep(r, gradients: g, thetas: nil) { _ in } }
    // Panels of 256 kB stay in the cache for the second right-hand side.
    let panel = min(x.rows, max(8, (1 << 15) / x.stride))
    for first in stride(from: 0, to: x.rows, by: panel) {
      let count = min(panel, x.rows - first)
      x.addPull(rows: first..<first + count, r.0 + first, scale: 1 / Double(x.rows), to: g.0, anew: first == 0)
      if let second = r.1, let other = g.1 {
        x.addPull(rows: first..<first + count, second + first, scale: 1 / Double(x.rows), to: other, anew: first == 0)
      }
    }
    // Kernels read whole vectors.
    for j in x.columns..<AlignedMemory.padded(x.columns) {
      g.0[j] = 0
      g.1?[j] = 0
    }
  }

  /// g = Xᵀr/n panel by panel; `update`, called for each, then makes the new θ there (of whole vectors of 8, on any
  /// thread), and r becomes Xθ of those. One reading of X. Without `thetas` r stays.
  package func sweep(
    _ r: Sides, gradients g: Sides, thetas: Sides?, updating update: @Sendable (Range<Int>) -> Void
  ) {
    guard let shares else { return }
    let (x, shared, r0, g0) = (Shared(x), Shared(shares.base), Shared(r), Shared(g))
    let (height, parts, theta) = (AlignedMemory.padded(x.pointer.rows), parts, thetas.map { Shared($0) })
    let hasTwo = r.1 != nil
    Parallelism.perform(parts.count) { index in
      let (x, r, g) = (x.pointer, r0.pointer, g0.pointer)
      let part = parts[index]
      let sums = (shared.pointer + 2 * index * height, shared.pointer + (2 * index + 1) * height)
      sums.0.update(repeating: 0, count: 2 * height)
      var current = part.lowerBound..<part.lowerBound
      repeat {
        let next = current.upperBound..<min(current.upperBound + Self.panel, part.upperBound)
        let (a, b) = (current.lowerBound, next.lowerBound)
        mgf_sweep(
          x.base + a, x.base + b, x.stride, x.rows, theta == nil ? 0 : AlignedMemory.padded(current.count),
          AlignedMemory.padded(next.count), theta.map { $0.pointer.0 + a }, theta?.pointer.1.map { $0 + a }, r.0, r.1,
          1 / Double(x.rows), sums.0, hasTwo ? sums.1 : nil, g.0 + b, g.1.map { $0 + b })
        // What stands behind a row's end is no part of it.
        for j in next.upperBound..<AlignedMemory.padded(next.upperBound) {
          g.0[j] = 0
          g.1?[j] = 0
        }
        if !next.isEmpty { update(next) }
        current = next
      } while !current.isEmpty && (theta != nil || current.upperBound < part.upperBound)
    }
    guard thetas != nil else { return }
    for q in 0..<x.pointer.rows {
      var (a, b) = (0.0, 0.0)
      for index in parts.indices {
        a += shares.base[2 * index * height + q]
        b += shares.base[(2 * index + 1) * height + q]
      }
      r.0[q] = a
      r.1?[q] = b
    }
    sumOverProcesses(r)
  }
}
