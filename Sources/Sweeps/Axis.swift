import Dynamics
import RealModule

/// The values that a setting takes in a study.
public struct Axis: Sendable, Equatable, Codable {
  /// The setting.
  public let setting: Setting
  /// Its values, in the order of the grid; no two are equal.
  public let values: [SettingValue]

  /// Throws `InvalidInput` for no values, equal ones, or some that the setting cannot have.
  public init(_ setting: Setting, _ values: [SettingValue]) throws(InvalidInput) {
    guard !values.isEmpty else {
      throw InvalidInput("axis \(setting.rawValue)", because: "it has no values")
    }
    for value in values {
      if let complaint = setting.complaint(value) {
        throw InvalidInput("axis \(setting.rawValue)", because: "the value \(value) cannot be used: \(complaint)")
      }
    }
    guard Set(values).count == values.count else {
      throw InvalidInput(
        "axis \(setting.rawValue)", because: "a value occurs twice", remedy: "every run of a study must be different")
    }
    self.setting = setting
    self.values = values
  }

  /// How the values of a range are spaced.
  public enum Spacing: String, Sendable, CaseIterable {
    /// Evenly.
    case linear
    /// Evenly in the logarithm.
    case log
    /// Evenly in ln(1 − x), for momenta near 1.
    case complement
  }

  /// `count` values from `first` to `last`. Whole numbers are rounded.
  public static func range(
    _ setting: Setting, from first: SettingValue, to last: SettingValue, count: Int, _ spacing: Spacing
  ) throws(InvalidInput) -> Axis {
    let name = "axis \(setting.rawValue)"
    guard count >= 1, count <= 10_000_000 else {
      throw InvalidInput(name, because: "a range needs a whole number of values between 1 and 10,000,000")
    }
    guard count > 1 || first == last else {
      throw InvalidInput(name, because: "one value cannot reach from \(first) to \(last)")
    }
    let (start, end) = (first.double, last.double)
    guard spacing != .log || first > 0 && last > 0 else {
      throw InvalidInput(name, because: "a logarithmic range needs positive ends")
    }
    guard spacing != .complement || first < 1 && last < 1 else {
      throw InvalidInput(name, because: "a range even in ln(1 − x) needs ends below 1")
    }
    if setting.isInteger, spacing == .linear, max(first, last) >= 0x1p53, let a = first.unsigned, let b = last.unsigned
    {
      return try Axis(setting, wholeRange(a, b, count).map { SettingValue($0) })
    }
    return try Axis(
      setting,
      (0..<count).map { k in
        if k == 0 { return first }
        if k == count - 1 { return last }
        let share = Double(k) / Double(count - 1)
        let value =
          switch spacing {
          case .linear: start + share * (end - start)
          case .log: geometricMean(start, end, share)
          case .complement: 1 - geometricMean(1 - start, 1 - end, share)
          }
        return SettingValue(setting.isInteger ? value.rounded() : value)
      })
  }

  /// a^(1−s) b^s, a and b positive.
  private static func geometricMean(_ a: Double, _ b: Double, _ share: Double) -> Double {
    Double.exp((1 - share) * Double.log(a) + share * Double.log(b))
  }

  /// `count` whole numbers evenly from `first` to `last`, rounded down, where doubles would round them away.
  private static func wholeRange(_ first: UInt64, _ last: UInt64, _ count: Int) -> [UInt64] {
    let (distance, parts) = (first > last ? first - last : last - first, UInt64(max(count - 1, 1)))
    return (0..<count).map { k in
      let product = distance.multipliedFullWidth(by: UInt64(k))
      let offset = parts.dividingFullWidth(product).quotient
      return first > last ? first - offset : first + offset
    }
  }
}
