import RealModule

/// One axis of a panel: its range and its ticks.
package struct FigureAxis {
  /// The ends of the range.
  package private(set) var low, high: Double
  /// Whether it is logarithmic.
  let isLogarithmic: Bool
  /// The ticks with a label, in order.
  package private(set) var major: [(value: Double, label: String)] = []
  /// The ticks without one.
  package private(set) var minor: [Double] = []

  /// The axis over some values, wider than they reach by `margin` of its length at each end; a range from 0 stays at 0.
  package init(_ values: [Double], logarithmic: Bool, margin: Double) {
    isLogarithmic = logarithmic
    let shown = values.filter { $0.isFinite && (!logarithmic || $0 > 0) }
    var (a, b) = (shown.min() ?? (logarithmic ? 1 : 0), shown.max() ?? (logarithmic ? 10 : 1))
    if logarithmic {
      if b <= a * 1.05 { (a, b) = (a / 1.5, b * 1.5) }
      let factor = Double.exp(margin * (Double.log(b) - Double.log(a)))
      (low, high) = (max(a / factor, .leastNormalMagnitude), min(b * factor, .greatestFiniteMagnitude))
    } else {
      if b - a <= 1e-9 * max(abs(a), abs(b)) {
        let half = a == 0 ? 1 : 0.1 * abs(a)
        (a, b) = (a - half, b + half)
      }
      let room = margin * (b - a)
      (low, high) = (a == 0 ? 0 : a - room, b == 0 ? 0 : b + room)
    }
  }

  /// How far along the axis a value is, from 0 to 1.
  package func place(_ value: Double) -> Double {
    isLogarithmic
      ? (Double.log(value) - Double.log(low)) / (Double.log(high) - Double.log(low)) : (value - low) / (high - low)
  }

  /// Chooses ticks whose labels fit into a length, `needed` points each: at the values themselves where they are few.
  package mutating func choose(length: Double, few values: Set<Double> = [], needed: (String) -> Double) {
    let own = values.filter { $0 >= low && $0 <= high }.sorted()
    if own.count == values.count, (2...8).contains(own.count) {
      let ticks = own.map { (value: $0, label: Self.plain($0)) }
      let isShort = ticks.allSatisfy { $0.label.contains("^") || $0.label.count <= 6 }
      if isShort, areApart(ticks, length, needed) {
        major = ticks
        return
      }
    }
    isLogarithmic ? chooseDecades(length, needed) : chooseRound(length, needed)
  }

  /// Whether the labels of ticks leave room between them.
  private func areApart(
    _ ticks: [(value: Double, label: String)], _ length: Double, _ needed: (String) -> Double
  ) -> Bool {
    let ends = ticks.map { (place($0.value) * length, needed($0.label)) }
    return zip(ends, ends.dropFirst()).allSatisfy { $1.0 - $0.0 >= ($0.1 + $1.1) / 2 + 4 }
  }

  /// The width of the widest label, in points.
  var labelWidth: Double { major.map { FigureText.width($0.label) }.max() ?? 0 }

  private mutating func chooseRound(_ length: Double, _ needed: (String) -> Double) {
    let span = high - low
    for count in stride(from: 6.0, through: 1, by: -1) {
      let raw = span / count
      let power = Double.pow(10, Double.log10(raw).rounded(.down))
      let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw * 0.999 } ?? raw
      let digits = max(0, Int(-(Double.log10(step) + 1e-9).rounded(.down)))
      let first = (low / step - 1e-6).rounded(.up)
      let last = (high / step + 1e-6).rounded(.down)
      guard last - first <= 1000 else { continue }
      let ticks = stride(from: first, through: last, by: 1).map { k in
        (value: k * step, label: Self.decimal(k * step, digits, over: max(abs(low), abs(high))))
      }
      let room = (ticks.map { needed($0.label) }.max() ?? 0) + 5
      guard ticks.count <= 1 || room <= length * step / span || count == 1 else { continue }
      major = ticks
      let parts = step / power == 2 ? 4.0 : 5.0
      let small = step / parts
      minor = stride(from: (low / small - 1e-6).rounded(.up), through: (high / small + 1e-6).rounded(.down), by: 1)
        .filter { $0.remainder(dividingBy: parts) != 0 }.map { $0 * small }
      return
    }
  }

  private mutating func chooseDecades(_ length: Double, _ needed: (String) -> Double) {
    let first = Int((Double.log10(low) - 1e-9).rounded(.up))
    let last = Int((Double.log10(high) + 1e-9).rounded(.down))
    let span = Double.log10(high) - Double.log10(low)
    if last - first < 1 {
      for digits in [[1.0, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] {
        let ticks = (first - 1...last + 1).flatMap { power in
          digits.map { Double("\(Int($0))e\(power)") ?? 0 }
        }.filter { $0 >= low && $0 <= high }.map { (value: $0, label: Self.plain($0)) }
        guard ticks.count >= 2, areApart(ticks, length, needed) else { continue }
        major = ticks
        minor = Self.within(first - 1, last + 1).filter { m in
          m >= low && m <= high && !ticks.contains { $0.value == m }
        }
        return
      }
      // Less than a factor of two: even ticks.
      var even = self
      even.chooseRound(length, needed)
      (major, minor) = (even.major, even.minor)
      return
    }
    let isPlain = first >= -2 && last <= 3
    func label(_ power: Int) -> String {
      isPlain ? Self.plain(Double("1e\(power)") ?? 0) : "10^{\(power < 0 ? "−" : "")\(abs(power))}"
    }
    var every = 1
    let room = ((first...last).map { needed(label($0)) }.max() ?? 0) + 5
    while room > length * Double(every) / span, every < last - first {
      every += every == 1 ? 1 : every == 2 ? 1 : every
    }
    let start = every > 1 ? Int((Double(first) / Double(every)).rounded(.up)) * every : first
    let powers = Array(stride(from: start, through: last, by: every))
    major = powers.map { (value: Double("1e\($0)") ?? 0, label: label($0)) }.filter { $0.value > 0 }
    minor =
      last - first <= 6 && every == 1
      ? Self.within(first - 1, last).filter { $0 >= low && $0 <= high }
      : (first...last).filter { !powers.contains($0) }.compactMap { Double("1e\($0)") }
  }

  /// The multiples of powers of ten between powers.
  private static func within(_ first: Int, _ last: Int) -> [Double] {
    (first...last).flatMap { power in (2...9).compactMap { Double("\($0)e\(power)") } }
  }

  /// A number as short as it can be.
  static func plain(_ value: Double) -> String {
    guard value != 0, abs(value) < 1e-3 || abs(value) >= 1e5 else {
      // No more digits than a label has room for.
      let scale = Double.pow(10, 5 - (value == 0 ? 0 : Double.log10(abs(value)).rounded(.down)))
      let text = "\((value * scale).rounded() / scale)"
      return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text).replacing("-", with: "−")
    }
    let power = Int(Double.log10(abs(value)).rounded(.down))
    let digits = value / Double.pow(10, Double(power))
    let rounded = (digits * 100).rounded() / 100
    let exponent = "10^{\(power < 0 ? "−" : "")\(abs(power))}"
    if abs(rounded) == 1 { return (rounded < 0 ? "−" : "") + exponent }
    return plain(rounded) + "·" + exponent
  }

  /// A number of an even scale with so many decimals.
  private static func decimal(_ value: Double, _ digits: Int, over largest: Double) -> String {
    guard value != 0 else { return "0" }
    guard largest >= 1e-3, largest < 1e5, digits <= 6 else { return plain(value) }
    let scale = Double.pow(10, Double(digits))
    let whole = (abs(value) * scale).rounded()
    guard whole < 1e15 else { return plain(value) }
    var text = "\(Int(whole))"
    if digits > 0 {
      text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
      text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
    }
    return (value < 0 ? "−" : "") + text
  }
}
