import Dynamics

/// A jet whose coefficients stand in one table, order by order, a row of `dimension` numbers each.
protocol TableJet: Jet {
  var dimension: Int { get }
  var table: UnsafeMutablePointer<Double> { get }
}

extension TableJet {
  /// The coefficients of an order.
  func row(_ order: Int) -> UnsafeMutablePointer<Double> { table + order * dimension }

  func mayChangeSign(_ coordinates: Range<Int>, within s: Double) -> Bool {
    coordinates.contains { j in
      var (rest, power) = (0.0, 1.0)
      for k in 1...degree {
        power *= abs(s)
        rest += abs(row(k)[j]) * power
      }
      return !(rest < abs(table[j]))
    }
  }

  func increment(to s: Double, into change: UnsafeMutablePointer<Double>) {
    for j in 0..<dimension { change[j] = 0 }
    for k in stride(from: degree, through: 1, by: -1) {
      let row = row(k)
      for j in 0..<dimension { change[j] = (change[j] + row[j]) * s }
    }
  }

  func copyCoefficients(upTo s: Double, into c: UnsafeMutablePointer<Double>) {
    var power = 1.0
    for k in 0...degree {
      let (out, source) = (c + k * dimension, row(k))
      for j in 0..<dimension { out[j] = power * source[j] }
      power *= s
    }
  }
}
