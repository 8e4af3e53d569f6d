import ArgumentParser
import Experiments
import Files
import Networks

/// The shared readers of option values: every number must be finite, and messages say what would be right.
enum Parse {
  /// A finite real number.
  static func real(_ text: String) throws -> Double {
    guard let value = Double(text), value.isFinite else {
      throw ValidationError("a finite number is needed, such as 0.5 or 1e-3.")
    }
    return value
  }

  /// A non-negative whole number, with or without an exponent (2e6).
  static func count(_ text: String) throws -> Int {
    if let value = Double(text), value >= 0, value <= 1e15, value == value.rounded() { return Int(value) }
    throw ValidationError("a whole number between 0 and 1e15 is needed, such as 1000 or 2e6.")
  }

  /// A flow that is built.
  static func flow(_ text: String) throws -> FlowSpecification.Kind {
    if let kind = FlowSpecification.Kind(rawValue: text) { return kind }
    throw ValidationError("there is no such flow; choose gf, mgf, or corrected2 to corrected12.")
  }

  /// A loss that is built.
  static func loss(_ text: String) throws -> Loss {
    if let loss = Loss(rawValue: text) { return loss }
    throw ValidationError("there is no such loss; choose square, logistic or exponential.")
  }

  /// A route to the limit.
  static func route(_ text: String) throws -> LimitRoute {
    if let route = LimitRoute(rawValue: text) { return route }
    throw ValidationError("there is no such route; choose project or integrate.")
  }

  /// What is done with a slow tail.
  static func tail(_ text: String) throws -> LimitTail {
    if let tail = LimitTail(rawValue: text) { return tail }
    throw ValidationError("there is no such way; choose auto or iterate.")
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    guard let value = UInt64(text) else {
      throw ValidationError("a whole number between 0 and \(UInt64.max) is needed.")
    }
    return value
  }

  /// Finite numbers separated by commas.
  static func reals(_ text: String) throws -> [Double] {
    try items(text).map {
      guard let value = Double($0), value.isFinite else {
        throw ValidationError("finite numbers separated by commas are needed, such as 0.1,0.05; \"\($0)\" is none.")
      }
      return value
    }
  }

  /// Whole numbers separated by commas.
  static func counts(_ text: String) throws -> [Int] {
    try items(text).map { try count($0) }
  }

  /// N,D,S of a Gaussian problem.
  static func gaussian(_ text: String) throws -> [Int] {
    let numbers = items(text).map { Int($0) }
    guard numbers.count == 3, !numbers.contains(nil) else {
      throw ValidationError("three whole numbers N,D,S are needed (samples, features, non-zeros), such as 20,30,3.")
    }
    return numbers.compactMap { $0 }
  }

  /// What separates cells.
  static func delimiter(_ text: String) throws -> Delimiter {
    guard let delimiter = Delimiter(text) else {
      throw ValidationError(
        "\"\(text)\" is none; choose one of \(Delimiter.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return delimiter
  }

  /// What begins decimals.
  static func decimal(_ text: String) throws -> DecimalMark {
    guard let mark = DecimalMark(text) else { throw ValidationError("\"\(text)\" is none; choose point or comma.") }
    return mark
  }

  /// What becomes of missing values.
  static func missing(_ text: String) throws -> MissingValues {
    guard let rule = MissingValues(rawValue: text) else {
      throw ValidationError(
        "\"\(text)\" is none; choose one of \(MissingValues.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return rule
  }

  /// Yes or no.
  static func yesOrNo(_ text: String) throws -> Bool {
    guard ["yes", "no"].contains(text) else { throw ValidationError("yes or no is needed, not \"\(text)\".") }
    return text == "yes"
  }

  private static func items(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map {
      var item = $0
      while item.first == " " { item.removeFirst() }
      while item.last == " " { item.removeLast() }
      return String(item)
    }
  }
}
