import Dynamics
import Foundation
import Testing

import Experiments

/// The finder of minima on closed forms.
@Suite struct MinimumFinderTests {
  private func find(
    in range: ClosedRange<Double> = -3...3, resolution: Double = 0.1, nodes: Int = 400, refinements: Int = 400,
    noise: Double = 0, _ f: @escaping (Double) -> Double, slope: ((Double) -> Double)? = nil
  ) throws -> MinimumFinder {
    try MinimumFinder(
      in: range,
      MinimumFinder.Options(
        resolution: resolution, tolerance: 1e-6, maximumNodes: nodes, maximumRefinements: refinements)
    ) { MinimumFinder.Sample(value: f($0), slope: slope?($0), noise: noise) }
  }

  /// sin kx + x/4: minima where cos kx = −1/(4k), sine falling to rising, and the ends.
  @Test(arguments: [1.0, 2.5, 7], [true, false])
  func waves(_ k: Double, _ hasSlopes: Bool) throws {
    let found = try find({ sin(k * $0) + $0 / 4 }, slope: hasSlopes ? { k * cos(k * $0) + 0.25 } : nil)
    let phase = -acos(-0.25 / k)
    var expected = (-20...20).map { (phase + 2 * .pi * Double($0)) / k }.filter { abs($0) < 3 }
    if k * cos(-3 * k) + 0.25 > 0 { expected.append(-3) }
    if k * cos(3 * k) + 0.25 < 0 { expected.append(3) }
    let xs = found.minima.map(\.x).sorted()
    #expect(xs.count == expected.count, "\(xs), \(expected)")
    for (minimum, x) in zip(found.minima.sorted { $0.x < $1.x }, expected.sorted()) {
      #expect(abs(minimum.x - x) <= minimum.uncertainty && abs(minimum.x - x) < 1e-5, "\(minimum), \(x)")
      #expect(minimum.uncertainty < 1e-4 || minimum.kind == .edge)
      #expect(minimum.width.contains(x) && (minimum.kind == .edge) == (abs(x) == 3))
    }
    #expect(found.minima.first?.value == found.minima.map(\.value).min())
    #expect(found.resolution <= 0.1 + 1e-12 && !found.isBounded)
  }

  @Test(arguments: [1.0, -1], [true, false])
  func monotone(_ sign: Double, _ hasSlopes: Bool) throws {
    let found = try find({ sign * $0 }, slope: hasSlopes ? { _ in sign } : nil)
    let only = try #require(found.minima.first)
    #expect(found.minima.count == 1 && only.kind == .edge && only.x == -3 * sign)
    #expect(only.uncertainty <= (hasSlopes ? 0 : 0.11))
  }

  @Test(arguments: [0.317, -1.9], [true, false])
  func kink(_ c: Double, _ hasSlopes: Bool) throws {
    let found = try find(
      { abs($0 - c) + 0.3 * $0 },
      slope: hasSlopes ? { (x: Double) -> Double in (x < c ? -1 : 1) + 0.3 } : nil)
    let only = try #require(found.minima.first)
    #expect(found.minima.count == 1 && only.kind == .kink, "\(found.minima)")
    #expect(abs(only.x - c) <= only.uncertainty && only.uncertainty < 1e-5)
  }

  @Test(arguments: [true, false])
  func plateau(_ hasSlopes: Bool) throws {
    let found = try find(
      { (x: Double) -> Double in max(abs(x - 0.2), 1) },
      slope: hasSlopes ? { (x: Double) -> Double in abs(x - 0.2) <= 1 ? 0 : x < 0.2 ? -1 : 1 } : nil)
    let only = try #require(found.minima.first)
    #expect(found.minima.count == 1 && only.kind == .flat && only.value == 1, "\(found.minima)")
    // Anywhere on it may be the minimum: what is claimed reaches over all of it.
    #expect(only.x - only.uncertainty <= -0.8 && only.x + only.uncertainty >= 1.2)
    #expect(only.width.lowerBound <= -0.8 && only.width.upperBound >= 1.2)
  }

  /// (x² − 1)² + 1e-6 x: minima at ∓1, whose values differ by 2e-6. With noise beyond that both stay.
  @Test(arguments: [true, false], [0, 1e-5])
  func nearlyEqualDepths(_ hasSlopes: Bool, _ noise: Double) throws {
    let found = try find(
      in: -2...2, noise: noise, { (x: Double) -> Double in (x * x - 1) * (x * x - 1) + 1e-6 * x },
      slope: hasSlopes ? { (x: Double) -> Double in 4 * x * (x * x - 1) + 1e-6 } : nil)
    #expect(found.minima.count == 2)
    if noise == 0 { #expect(abs((found.minima.first?.x ?? 0) + 1) < 1e-4) }
    for minimum in found.minima {
      #expect(abs(abs(minimum.x) - 1) <= max(minimum.uncertainty, 1e-6) && minimum.kind == .smooth)
      // E″ = 8: noise δ hides the minimum within √(δ/4).
      if noise > 0 { #expect(minimum.uncertainty > 0.9 * sqrt(noise / 4)) }
    }
  }

  /// A dip as wide as three times the resolution is found wherever it lies.
  @Test(arguments: Array(stride(from: -2.9, to: 2.9, by: 0.237)), [true, false])
  func narrowDip(_ c: Double, _ hasSlopes: Bool) throws {
    let sigma = 3 * 0.05 / 2.355
    func dip(_ x: Double) -> Double { exp(-(x - c) * (x - c) / (2 * sigma * sigma)) }
    let found = try find(
      resolution: 0.05, { (x: Double) -> Double in 0.1 * x - 2 * dip(x) },
      slope: hasSlopes ? { (x: Double) -> Double in 0.1 + 2 * dip(x) * (x - c) / (sigma * sigma) } : nil)
    let lowest = try #require(found.minima.first)
    #expect(abs(lowest.x - c) < 0.01 && lowest.kind == .smooth && lowest.uncertainty < 1e-4, "\(found.minima)")
  }

  /// Ripples below the noise are no minima; without noise they are.
  @Test func noiseIsNoMinimum() throws {
    func count(_ noise: Double) throws -> Int {
      try find(noise: noise, { $0 * $0 + 1e-3 * sin(40 * $0) }, slope: { 2 * $0 + 0.04 * cos(40 * $0) }).minima.count
    }
    #expect(try count(2e-3) == 1)
    let smooth = try find({ $0 * $0 + 1e-1 * sin(20 * $0) }, slope: { 2 * $0 + 2 * cos(20 * $0) })
    // 2x + 2 cos 20x = 0 from − to + at -0.957, -0.670, -0.374, -0.075, 0.224, 0.522, 0.816.
    #expect(smooth.minima.count == 7, "\(smooth.minima.map(\.x))")
  }

  /// Where there are no values there are no minima; a bound on evaluations is kept and told.
  @Test func boundsAndGaps() throws {
    #expect(try find { _ in .infinity }.minima.isEmpty)
    let half = try find({ $0 < 0 ? .infinity : ($0 - 1) * ($0 - 1) })
    #expect(half.minima.count == 1 && abs((half.minima.first?.x ?? 0) - 1) < 1e-4, "\(half.minima)")
    let rough = try find(nodes: 40, refinements: 10, { sin(300 * $0) })
    #expect(rough.isBounded && rough.nodeCount <= 50 && rough.resolution > 0.1 && rough.unresolved > 0)
  }
}
