import Dynamics

extension NPYFile {
  /// An entry of 12 or 16 bytes as an x86 float of 80 bits: a significand of 64 bits whose leading one is written, then
  /// exponent and sign. What is stored behind them means nothing; `rest` are the last two bytes of it.
  private func x87(_ index: Int) -> (significand: UInt64, exponent: Int, isNegative: Bool, rest: UInt64) {
    let place = file.base + header.offset + index * header.width
    // In the order of a big-endian machine the whole entry is turned round.
    func byte(_ k: Int) -> UInt64 {
      UInt64(place.load(fromByteOffset: header.isBigEndian ? header.width - 1 - k : k, as: UInt8.self))
    }
    let significand = (0..<8).reduce(UInt64(0)) { $0 | byte($1) << UInt64(8 * $1) }
    let top = Int(byte(8) | byte(9) << 8)
    return (significand, top & 0x7FFF, top >> 15 == 1, header.width == 16 ? byte(14) | byte(15) << 8 : 0)
  }

  /// Throws `InvalidInput` when long doubles are not x86's: NumPy gives those of 128 bits, as other processors have, the
  /// same name. Read as x86's, their significands lack the leading one, or small whole numbers would all be zero.
  func checkLongDoubles() throws(InvalidInput) {
    guard header.kind == .float, header.width > 8 else { return }
    var (hasNumbers, hasRests, isX87) = (false, false, true)
    for index in 0..<count {
      let (significand, exponent, _, rest) = x87(index)
      hasNumbers = hasNumbers || significand != 0
      hasRests = hasRests || rest != 0
      if exponent > 0, significand >> 63 == 0 { isX87 = false }
    }
    guard isX87, hasNumbers || !hasRests else {
      throw InvalidInput(
        path, because: "its entries are long doubles of another kind of processor",
        remedy: "save it as float64, as in numpy.save(FILE, x.astype(\"f8\"))")
    }
  }

  /// Entry number `index`, rounded to the nearest double.
  func longDouble(_ index: Int) -> Double {
    let (significand, exponent, isNegative, _) = x87(index)
    let sign: FloatingPointSign = isNegative ? .minus : .plus
    if exponent == 0x7FFF {
      return significand << 1 == 0 ? Double(sign: sign, exponent: 0, significand: .infinity) : .nan
    }
    // value = significand·2^power; below the range of normal doubles round once, at the last bit that there is.
    let power = max(exponent, 1) - 16383 - 63
    if power + 63 >= -1022 {
      return Double(sign: sign, exponent: power, significand: Double(significand))
    }
    let shift = -1074 - power
    guard shift <= 64 else { return Double(sign: sign, exponent: 0, significand: 0) }
    let kept = shift == 64 ? 0 : significand >> UInt64(shift)
    let half = UInt64(1) << UInt64(shift - 1)
    let below = significand & (half | (half - 1))
    let up: UInt64 = below > half || below == half && kept & 1 == 1 ? 1 : 0
    let magnitude = Double(bitPattern: kept + up)
    return isNegative ? -magnitude : magnitude
  }
}
