#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `x` with the given number of significant digits (C's %g), for people; files and JSON get all digits.
public func short(_ x: Double, digits: Int = 4) -> String {
  var buffer = [CChar](repeating: 0, count: 40)
  let length = withVaList([CInt(digits), x]) { vsnprintf(&buffer, buffer.count, "%.*g", $0) }
  return String(decoding: buffer.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Seconds as people say them.
package func duration(_ seconds: Double) -> String {
  switch seconds {
  case ..<100: "\(short(max(seconds, 0), digits: 2)) s"
  case ..<6000: "\(Int((seconds / 60).rounded())) minutes"
  case ..<172_800: "\(Int((seconds / 3600).rounded())) hours"
  case ..<(2 * 31_557_600): "\(Int((seconds / 86400).rounded())) days"
  default: "\(short(seconds / 31_557_600, digits: 2)) years"
  }
}
