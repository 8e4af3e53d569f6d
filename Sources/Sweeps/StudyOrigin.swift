import Dynamics

/// Where a study was written: the places in its file, and the options that took the place of some.
struct StudyOrigin: Sendable, Equatable {
  /// A place in a file.
  struct Place: Sendable {
    let line: Int
    let column: Int
  }

  /// The file; nil for a study that was not read from one.
  var path: String?
  /// The places of keys' values, by the path of the key; that of the whole under "".
  var keys: [String: Place] = [:]
  /// The key of each setting, and the places of its values: one for a number or a range, one a value for a list.
  var settings: [Setting: (key: String, places: [Place])] = [:]
  /// The options that settings came from.
  var options: [Setting: Message] = [:]

  /// It is no part of what a study is.
  static func == (a: StudyOrigin, b: StudyOrigin) -> Bool { true }

  /// The words of study files: a field is a key.
  static let wording = Wording { field, value in
    let name = names[field] ?? field.name
    return value.map { "\(name): \($0)" } ?? name
  }

  private static let names: [Field: String] = [
    .flow: "method", .loss: "loss_function", .steps: "step", .optimal: "lambda_from, lambda_to",
    .recordedSamples: "samples",
  ]

  /// Keys that are not settings, by field.
  private static let paths: [Field: String] = [
    .stop: "stop", .record: "record", .recordedSamples: "record.samples", .stepper: "stepper", .method: "method",
    .flow: "method", .gaussian: "problem.gaussian", .preset: "problem.preset", .data: "problem.data",
    .target: "problem.target", .standardize: "problem.standardize", .design: "problem.design",
    .response: "problem.response", .truth: "problem.truth", .u: "initialisation.u0", .v: "initialisation.v0",
    .replacement: "fixed.replacement", .axes: "axes",
  ]

  /// A fault with its place: that of the field at fault; of the file of data it names; else of the part that they belong to.
  func located(_ error: InvalidInput) -> InvalidInput {
    if let field = error.field {
      let name = Self.names[field] ?? field.name
      if let setting = Setting(rawValue: name), field != .recordedSamples { return located(error, setting, 0) }
      return self.error(error, at: Self.paths[field] ?? "")
    }
    let subject = error.subject.text(Self.wording)
    let files = ["problem.data", "problem.design", "problem.response", "problem.truth"]
    let key = (files + ["initialisation.u0", "initialisation.v0"]).first { texts[$0].map(subject.contains) ?? false }
    return self.error(error, at: key ?? "problem", naming: true)
  }

  /// The names of files and columns, by the path of their key.
  var texts: [String: String] = [:]

  /// A fault of value number `value` of a setting.
  func located(_ error: InvalidInput, _ setting: Setting, _ value: Int) -> InvalidInput {
    if let option = options[setting] { return plain(error, option + ": " + error.subject.text(Self.wording)) }
    guard let written = settings[setting], let first = written.places.first else {
      return self.error(error, at: Self.parent(setting))
    }
    let place = written.places.indices.contains(value) ? written.places[value] : first
    let room = written.key.split(separator: ".").dropLast().joined(separator: ".")
    return plain(error, Message(prefix(place) + qualified(error, setting, room)))
  }

  /// The subject, with the setting at fault by its whole path.
  private func qualified(_ error: InvalidInput, _ setting: Setting, _ room: String) -> String {
    let subject = error.subject.text(Self.wording)
    guard error.field.map({ Self.names[$0] ?? $0.name }) == setting.rawValue else {
      return "\(room).\(setting.rawValue): \(subject)"
    }
    return room.isEmpty ? subject : "\(room).\(subject)"
  }

  private func error(_ error: InvalidInput, at key: String, naming: Bool = false) -> InvalidInput {
    var found = key
    // A key that is not there is missed in the part that it belongs to.
    while keys[found] == nil, !found.isEmpty {
      found = found.contains(".") ? found.split(separator: ".").dropLast().joined(separator: ".") : ""
    }
    guard let place = keys[found] else { return plain(error, Message(error.subject.text(Self.wording))) }
    var subject = error.subject.text(Self.wording)
    if naming {
      subject = "\(found): \(subject)"
    } else if found.contains("."), subject.hasPrefix(found.split(separator: ".").last ?? "") {
      subject = found.split(separator: ".").dropLast().joined(separator: ".") + "." + subject
    }
    return plain(error, Message(prefix(place) + subject))
  }

  private func prefix(_ place: Place) -> String { "\(path ?? "study"):\(place.line):\(place.column): " }

  /// The fault in the words of study files.
  private func plain(_ error: InvalidInput, _ subject: Message) -> InvalidInput {
    InvalidInput(
      subject, because: Message(error.reason.text(Self.wording)),
      remedy: error.remedy.map { Message($0.text(Self.wording)) })
  }

  private static func parent(_ setting: Setting) -> String {
    switch setting.room {
    case .problem: "problem.gaussian"
    case .initialisation: "initialisation"
    case .fixed: "fixed"
    case .stop: "stop"
    }
  }
}
