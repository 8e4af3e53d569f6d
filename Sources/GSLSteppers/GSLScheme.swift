import CGSL

/// The integration schemes of the GNU Scientific Library's `gsl_odeiv2` that are offered here.
public enum GSLScheme: String, CaseIterable, Sendable, Codable {
  /// Runge–Kutta–Fehlberg, order 5 with an error estimate of order 4.
  case rkf45
  /// Runge–Kutta–Cash–Karp, order 5 with an error estimate of order 4.
  case rkck
  /// Runge–Kutta–Prince–Dormand, order 8 with an error estimate of order 7.
  case rk8pd
  /// Adams multistep in Nordsieck form, variable order 1 to 12.
  case msadams
  /// Backward differentiation in Nordsieck form, variable order 1 to 5; implicit, with the exact Jacobian.
  case msbdf
  /// Implicit Bulirsch–Stoer of Bader and Deuflhard; with the exact Jacobian.
  case bsimp

  /// Whether the scheme solves with the Jacobian: O(dimension³) a step.
  public var isImplicit: Bool { self == .msbdf || self == .bsimp }

  /// Whether the scheme chooses its order by itself and so has no fixed-step mode.
  public var isMultistep: Bool { self == .msadams || self == .msbdf }

  var type: UnsafePointer<gsl_odeiv2_step_type>? {
    switch self {
    case .rkf45: mgf_gsl_rkf45()
    case .rkck: mgf_gsl_rkck()
    case .rk8pd: mgf_gsl_rk8pd()
    case .msadams: mgf_gsl_msadams()
    case .msbdf: mgf_gsl_msbdf()
    case .bsimp: mgf_gsl_bsimp()
    }
  }

  /// The version of the library, such as "2.7.1".
  public static var libraryVersion: String {
    mgf_gsl_version().map { String(cString: $0) } ?? "unknown"
  }
}
