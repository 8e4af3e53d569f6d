import Dynamics
import Foundation
import Testing

@Suite struct SegmentTests {
  private func segment(_ f: (Double) -> (Double, Double, Double), from a: Double, to b: Double) -> Segment {
    var segment = Segment(dimension: 1, degree: 5)
    let (y0, f0, s0) = f(a)
    let (y1, f1, s1) = f(b)
    segment.interpolate(from: a, [y0], [f0], [s0], to: b, [y1], [f1], [s1])
    return segment
  }

  @Test func reproducesQuintics() {
    let c = [0.3, -1.2, 0.7, 2.1, -0.4, 0.9]
    func value(_ t: Double) -> (Double, Double, Double) {
      var (y, f, s) = (0.0, 0.0, 0.0)
      for (k, a) in c.enumerated() {
        y += a * pow(t, Double(k))
        if k > 0 { f += Double(k) * a * pow(t, Double(k - 1)) }
        if k > 1 { s += Double(k * (k - 1)) * a * pow(t, Double(k - 2)) }
      }
      return (y, f, s)
    }
    let piece = segment(value, from: 0.5, to: 2)
    for t in [0.5, 0.8, 1.3, 1.99, 2] { #expect(abs(piece.state(at: t)[0] - value(t).0) < 1e-13) }
  }

  /// The mid-step error falls like h⁶ and has the size h⁶ y⁽⁶⁾/46080.
  @Test func orderIsSix() {
    var errors: [Double] = []
    for h in [0.4, 0.2, 0.1] {
      let piece = segment({ (exp($0), exp($0), exp($0)) }, from: 0, to: h)
      errors.append(abs(piece.state(at: h / 2)[0] - exp(h / 2)))
    }
    #expect(abs(log2(errors[0] / errors[1]) - 6) < 0.2)
    #expect(abs(log2(errors[1] / errors[2]) - 6) < 0.2)
    #expect(abs(errors[0] / (pow(0.4, 6) / 46080) - 1) < 0.3)
  }
}
