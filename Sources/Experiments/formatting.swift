import Dynamics

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
