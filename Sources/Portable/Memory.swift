extension Twin {
  /// Zeroed numbers that are freed with their owner.
  final class Memory {
    let base: UnsafeMutablePointer<Double>
    let count: Int

    init(_ count: Int) {
      self.count = count
      base = .allocate(capacity: max(count, 1))
      base.initialize(repeating: 0, count: max(count, 1))
    }

    convenience init(_ values: [Double]) {
      self.init(values.count)
      for i in values.indices { base[i] = values[i] }
    }

    deinit { base.deallocate() }

    func array(_ range: Range<Int>) -> [Double] { range.map { base[$0] } }
  }

  /// The largest |x|; not a number when one is none.
  @inline(never)
  static func largest(_ values: [Double]) -> Double {
    var result = 0.0
    for x in values where !(abs(x) <= result) { result = abs(x) }
    return result
  }

  /// The larger one; not a number when one is none.
  static func largerOrNaN(_ a: Double, _ b: Double) -> Double { a >= b ? a : (b > a ? b : .nan) }
}
