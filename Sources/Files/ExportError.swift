/// A file that could not be written: which, why, and what to do.
public struct ExportError: Error, Sendable, CustomStringConvertible {
  /// Whether the fault is in the request (seen before any work) or in the writing.
  public enum Kind: Sendable {
    /// The path cannot be used as asked: a missing directory, an existing file, an unknown ending.
    case unusable
    /// There is a file of that name, which is replaced only when that is asked for.
    case exists
    /// Writing failed: the disk is full, or the system refused.
    case failed
  }

  /// What kind of fault.
  public let kind: Kind
  /// The file.
  public let path: String
  /// Why, and what would be right.
  public let reason: String

  /// An error from its parts.
  public init(_ kind: Kind, _ path: String, _ reason: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(reason)" }
}
