/// Input or a setting that cannot be used: what it is, what is wrong with it and what would be right.
public struct InvalidInput: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was given, and where: an option, or a file with line and column.
  public let subject: String
  /// What is wrong with it.
  public let reason: String
  /// What would be right.
  public let remedy: String?

  /// An error with its three parts.
  public init(_ subject: String, because reason: String, remedy: String? = nil) {
    self.subject = subject
    self.reason = reason
    self.remedy = remedy
  }

  public var description: String {
    "\(subject): \(reason)" + (remedy.map { "; \($0)" } ?? "")
  }
}
