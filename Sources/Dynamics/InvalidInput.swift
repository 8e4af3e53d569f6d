/// Input or a setting that cannot be used: what it is, what is wrong with it and what would be right.
public struct InvalidInput: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was given, and where: a field, or a file with line and column.
  public let subject: Message
  /// What is wrong with it.
  public let reason: Message
  /// What would be right.
  public let remedy: Message?

  /// An error with its three parts.
  public init(_ subject: Message, because reason: Message, remedy: Message? = nil) {
    self.subject = subject
    self.reason = reason
    self.remedy = remedy
  }

  /// An error about a setting, whatever its value.
  public init(_ field: Field, because reason: Message, remedy: Message? = nil) {
    let subject: Message = "\(field)"
    self.init(subject, because: reason, remedy: remedy)
  }

  /// An error about something that is no setting, such as a file.
  @_disfavoredOverload
  public init(_ subject: String, because reason: Message, remedy: Message? = nil) {
    self.init(Message(subject), because: reason, remedy: remedy)
  }

  /// An error whose three parts name no field.
  @_disfavoredOverload
  public init(_ subject: String, because reason: String, remedy: String? = nil) {
    self.init(Message(subject), because: Message(reason), remedy: remedy.map { Message($0) })
  }

  /// The setting at fault, where it is one.
  public var field: Field? { subject.field }

  /// The error in the words of a front end.
  public func text(_ wording: Wording) -> String {
    "\(subject.text(wording)): \(reason.text(wording))" + (remedy.map { "; \($0.text(wording))" } ?? "")
  }

  public var description: String { text(.plain) }

  /// The same fault, found in the setting of another name or at a place.
  public func of(_ subject: Message) -> InvalidInput { InvalidInput(subject, because: reason, remedy: remedy) }
}
