import Dynamics

extension Wording {
  /// Fields as options, as a command line says them.
  public static let options = Wording { field, value in
    "--\(field.name.replacing("_", with: "-"))" + (value.map { " \($0)" } ?? "")
  }
}
