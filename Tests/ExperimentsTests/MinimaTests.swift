import Dynamics
import Experiments
import Foundation
import Testing

/// The finder of minima on closed forms.
@Suite struct MinimaTests {
  private func find(
    _ range: ClosedRange<Double>, resolution: Double = 1e-3, nodes: Int = 5000, tolerance: Double = 1e-9,
    _ function: (Double) -> (value: Double, slope: Double)
  ) throws -> Minima {
    try Minima(
      of: { (x: Double) throws(InvalidInput) -> Minima.Sample in
        let (value, slope) = function(x)
        return Minima.Sample(value: value, slope: slope)
      }, in: range,
      Minima.Fineness(
        spacing: 0.4, resolution: resolution, depth: 0.01, tolerance: tolerance, maximumNodes: nodes))
  }

  /// Every minimum of sin kx, and no other, within its uncertainty.
  @Test(arguments: [1.0, 3, 5 * 3.0.squareRoot(), 20, 61.3])
  func waves(_ k: Double) throws {
    let found = try find(0.1...9.7) { (sin(k * $0), k * cos(k * $0)) }
    let inner = found.all.filter { $0.kind == .smooth }
    let truth = (0..<200).map { (2 * Double($0) + 1.5) * .pi / k }.filter { $0 > 0.1 && $0 < 9.7 }
    #expect(inner.count == truth.count && found.unresolved.isEmpty)
    for (minimum, x) in zip(inner, truth) {
      #expect(abs(minimum.x - x) <= minimum.uncertainty + 1e-15 && minimum.uncertainty < 1.1e-9, "\(minimum), \(x)")
      // sin reaches −1 + ln 1.01 at √(2 ln 1.01)/k to both sides.
      let half = acos(1 - log(1.01)) / k
      #expect(abs(minimum.basin.upperBound - x - half) < 0.01 * half, "\(minimum.basin)")
      #expect(abs(x - minimum.basin.lowerBound - half) < 0.01 * half, "\(minimum.basin)")
    }
    // The ends that the function leaves upwards.
    #expect(found.all.contains { $0.kind == .lowerEnd } == (cos(k * 0.1) > 0))
    #expect(found.all.contains { $0.kind == .upperEnd } == (cos(k * 9.7) < 0))
  }

  /// A wave on a slope a hundred times as high, and a dip narrower than the grid.
  @Test func smallOnLarge() throws {
    let wave = try find(0...6) { (100 * $0 + 30 * sin(9 * $0), 100 + 270 * cos(9 * $0)) }
    #expect(wave.all.count { $0.kind == .smooth } == 8)
    // Two extrema between two nodes of a cubic: every node agrees.
    let cubic = try find(0...0.8) { x in
      let u = x - 0.3
      return (156 * (u * u * u - 0.0012 * u), 156 * (3 * u * u - 0.0012))
    }
    #expect(cubic.all.map(\.kind) == [.lowerEnd, .smooth] && abs(cubic.all[1].x - 0.32) < 1e-9)
    let dip = try find(-3...4) { x in
      let u = (x - 0.77) / 0.07
      return (0.1 * x - exp(-u * u), 0.1 + 2 * u / 0.07 * exp(-u * u))
    }
    #expect(dip.least?.kind == .smooth && abs((dip.least?.x ?? 0) - 0.77) < 1e-3)
  }

  @Test func kinksAndPlateaus() throws {
    let kink = try find(-3...4) { (abs($0 - 1.234567), $0 < 1.234567 ? -1 : 1) }
    #expect(kink.all.map(\.kind) == [.kink])
    #expect(abs(kink.all[0].x - 1.234567) <= kink.all[0].uncertainty && kink.all[0].uncertainty < 2e-9)
    let flat = try find(-3...4) { (max(abs($0) - 1, 0), $0 < -1 ? -1 : $0 > 1 ? 1 : 0) }
    #expect(flat.all.map(\.kind) == [.flat])
    // All of the plateau is within what is claimed.
    #expect(flat.all[0].x - flat.all[0].uncertainty <= -1 && flat.all[0].x + flat.all[0].uncertainty >= 1)
    let constant = try find(-3...4) { _ in (1, 0) }
    #expect(constant.all.map(\.kind) == [.flat] && constant.all[0].uncertainty >= 3.5)
    // A step on the way down is no minimum.
    #expect(
      try find(-3...4) { (-max(abs($0) - 1, 0) * ($0 < 0 ? -1 : 1), abs($0) > 1 ? -1 : 0) }.all.map(\.kind) == [
        .upperEnd
      ])
    let quartic = try find(-3...4) { (pow($0 - 1, 4), 4 * pow($0 - 1, 3)) }
    #expect(quartic.all.count == 1 && abs(quartic.all[0].x - 1) <= quartic.all[0].uncertainty)
  }

  @Test func ends() throws {
    #expect(try find(-3...4) { ($0, 1) }.all.map(\.kind) == [.lowerEnd])
    #expect(try find(-3...4) { (-$0, -1) }.all.map(\.kind) == [.upperEnd])
    #expect(try find(-3...4) { (-$0 * $0, -2 * $0) }.all.map(\.kind) == [.lowerEnd, .upperEnd])
  }

  /// What is not resolved is told.
  @Test func unresolved() throws {
    // The least value lies at a jump.
    let jump = try find(-3...4) { ($0 < 0.3 ? -$0 : 5 - $0, -1) }
    #expect(jump.unresolved.contains { $0.contains(0.3) && $0.upperBound - $0.lowerBound < 4e-3 })
    #expect(jump.least?.kind == .unresolved && abs((jump.least?.x ?? 0) - 0.3) < 4e-3)
    // No value beyond 2.
    let hole = try find(-3...4) { $0 < 2 ? (pow($0 - 1, 2), 2 * ($0 - 1)) : (.infinity, .nan) }
    #expect(hole.all.count == 1 && abs(hole.all[0].x - 1) < 1e-8 && hole.unresolved.contains { $0.contains(3) })
    // Waves that grow finer than the resolution.
    let chirp = try find(0...9, resolution: 1e-2) { (sin(exp($0)), cos(exp($0)) * exp($0)) }
    let end = try #require(chirp.unresolved.first).lowerBound
    #expect(end > 4 && chirp.unresolved.last?.upperBound == 9)
    #expect(chirp.all.count { $0.x < end && $0.kind == .smooth } == Int((exp(end) / (2 * .pi) + 0.25).rounded(.down)))
    // Nodes run out.
    let poor = try find(0...10, nodes: 60) { (sin(50 * $0), 50 * cos(50 * $0)) }
    #expect(poor.unresolved.reduce(0) { $0 + $1.upperBound - $1.lowerBound } > 5)
  }

  /// An error of the slopes widens the uncertainty by what it moves the root.
  @Test func errorsOfSlopes() throws {
    let found = try Minima(
      of: { (x: Double) throws(InvalidInput) -> Minima.Sample in
        Minima.Sample(value: x * x, slope: 2 * (x - 1e-5), slopeError: 2e-5)
      }, in: -1...1.3,
      Minima.Fineness(spacing: 0.4, resolution: 1e-3, depth: 0.01, tolerance: 1e-9, maximumNodes: 100))
    #expect(found.all.count == 1 && abs(found.all[0].x) <= found.all[0].uncertainty)
    #expect(found.all[0].uncertainty < 1.01e-5)
  }
}
