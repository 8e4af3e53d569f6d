import Dynamics
import Files

extension Wording {
  /// Fields as options, values behind them.
  static let commandLine = Wording { field, value in
    let words: String? =
      switch field {
      case .samples: "--gaussian \(value ?? "N"),D,S"
      case .features: "--gaussian N,\(value ?? "D"),S"
      case .nonzeros: "--gaussian N,D,\(value ?? "S")"
      default: nil
      }
    let name = renamed[field] ?? String(field.name.map { $0 == "_" ? "-" : $0 })
    return words ?? "--\(name)" + (value.map { " \($0)" } ?? "")
  }

  /// The options that do not have their field's name.
  private static let renamed: [Field: String] = [
    .residual: "until-residual"
  ]
}

extension ExportError {
  /// The error with what to type.
  var text: String {
    kind == .exists ? "\(description); add --force to replace it, or choose another name" : description
  }
}

extension ExportError.Kind {
  /// 64 for a fault in the request, 1 for one in the writing.
  var exitCode: Int32 {
    switch self {
    case .unusable, .exists: 64
    case .failed: 1
    }
  }
}
