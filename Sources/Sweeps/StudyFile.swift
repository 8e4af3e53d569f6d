import Dynamics
import Foundation
import Yams

/// Reads study files strictly: unknown keys, wrong types and values out of range are told with file, line and column.
struct StudyFile {
  let path: String

  private func place(_ node: Node) -> String {
    guard let mark = node.mark else { return path }
    return "\(path):\(mark.line):\(mark.column)"
  }

  func fail(_ node: Node, _ key: String, _ reason: Message, _ remedy: Message? = nil) -> InvalidInput {
    InvalidInput("\(place(node)): \(key)", because: reason, remedy: remedy)
  }

  /// The study of a file. Throws `InvalidInput`.
  static func read(_ path: String) throws(InvalidInput) -> Study {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InvalidInput(path, because: "the study file cannot be read", remedy: "check its name and permissions")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw InvalidInput(path, because: "the study file is not UTF-8 text")
    }
    return try StudyFile(path: path).study(text)
  }

  func study(_ text: String) throws(InvalidInput) -> Study {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw InvalidInput(path, because: "it is not YAML: " + yamlReason(error))
    }
    guard let root else {
      throw InvalidInput(path, because: "the study file is empty", remedy: "see mgf sweep --help for an example")
    }
    let keys = ["name", "problem", "initialisation", "method", "stepper", "fixed", "axes", "zip", "record", "stop"]
    let entries = try mapping(root, "the study", allowed: keys)
    func required(_ key: String) throws(InvalidInput) -> Node {
      guard let node = entries[key] else { throw InvalidInput(path, because: "the key \(key) is missing") }
      return node
    }
    var study = Study(
      name: try entries["name"].map { node throws(InvalidInput) in try string(node, "name") } ?? "study",
      source: .gaussian, start: nil, method: .heavyBall, stepper: "auto", replacement: false, fixed: [:], groups: [],
      samples: nil)
    try readProblem(required("problem"), &study)
    if let node = entries["initialisation"] { try readStart(node, &study) }
    let methodNode = try required("method")
    let methodName = try string(methodNode, "method")
    guard let method = Study.Method(rawValue: methodName) else {
      throw fail(
        methodNode, "method", "\"\(methodName)\" is none",
        "choose one of " + Study.Method.allCases.map(\.rawValue).joined(separator: ", "))
    }
    study.method = method
    if let node = entries["stepper"] {
      guard !method.isDiscrete else { throw fail(node, "stepper", "a discrete method has none", "leave it out") }
      study.stepper = try string(node, "stepper")
    }
    if let node = entries["fixed"] {
      for (key, value) in try mapping(node, "fixed", allowed: names(.fixed) + ["replacement"]) {
        if key == "replacement" {
          study.replacement = try bool(value, "fixed.replacement")
        } else {
          try fix(key, value, "fixed", &study)
        }
      }
    }
    for (key, value) in try mapping(required("stop"), "stop", allowed: names(.stop)) {
      try fix(key, value, "stop", &study)
    }
    if let node = entries["record"] {
      let entries = try mapping(node, "record", allowed: ["samples"])
      guard let samples = entries["samples"] else { throw fail(node, "record", "samples is missing") }
      let count = try number(samples, "record.samples")
      guard count >= 2, count == count.rounded(), count <= 1e6 else {
        throw fail(samples, "record.samples", "it must be a whole number between 2 and 1,000,000")
      }
      study.samples = Int(count)
    }
    let axes = try entries["axes"].map { node throws(InvalidInput) in try readAxes(node, study) } ?? []
    study.groups = try grouped(axes, entries["zip"])
    for axis in axes {
      // A problem has numbers of its own, which an axis may take the place of.
      if study.fixed[axis.setting] != nil, axis.setting.room == .fixed {
        throw InvalidInput(
          "\(path): axes.\(axis.setting.rawValue)", because: "the setting is fixed, too",
          remedy: "leave one of them out")
      }
      study.fixed[axis.setting] = nil
    }
    guard !study.replacement || study.fixed[.batch] != nil || axes.contains(where: { $0.setting == .batch }) else {
      throw InvalidInput("\(path): fixed.replacement", because: "there are no minibatches", remedy: "give batch")
    }
    do {
      try study.validate()
    } catch {
      throw error.of("\(path): \(error.subject)")
    }
    return study
  }

  private func yamlReason(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      "line \(context.mark.line): the key \(duplicates.first.map { "\($0)" } ?? "") occurs twice"
    default: "\(error)"
    }
  }

  private func names(_ room: Setting.Room) -> [String] {
    Setting.allCases.filter { $0.room == room }.map(\.rawValue)
  }

  // MARK: Parts

  private func readProblem(_ node: Node, _ study: inout Study) throws(InvalidInput) {
    let entries = try mapping(
      node, "problem",
      allowed: ["gaussian", "data", "target", "standardize", "design", "response", "truth", "preset"]
        + Self.formatKeys + names(.problem))
    func text(_ key: String) throws(InvalidInput) -> String? {
      try entries[key].map { node throws(InvalidInput) in try string(node, "problem.\(key)") }
    }
    func file(_ key: String) throws(InvalidInput) -> String? { try text(key).map(resolve) }
    let sources = ["gaussian", "data", "design", "preset"].filter { entries[$0] != nil }
    guard sources.count == 1 else {
      throw fail(
        node, "problem", sources.isEmpty ? "no data are named" : "several sources of data are named",
        "give one of gaussian, data, design and preset")
    }
    for (key, owner) in [("target", "data"), ("standardize", "data"), ("response", "design"), ("truth", "design")] {
      if let value = entries[key], sources[0] != owner { throw fail(value, "problem.\(key)", "it goes with \(owner)") }
    }
    for key in Self.formatKeys {
      guard let value = entries[key] else { continue }
      if key == "header" ? sources[0] != "design" : !["data", "design"].contains(sources[0]) {
        throw fail(value, "problem.\(key)", "it goes with \(key == "header" ? "design" : "data and design")")
      }
    }
    if let gaussian = entries["gaussian"] {
      let inner = ["samples", "features", "nonzeros", "mean", "seed"]
      for (key, value) in try mapping(gaussian, "problem.gaussian", allowed: inner) {
        try fix(key, value, "problem.gaussian", &study)
      }
    } else if let data = try file("data") {
      guard let target = try text("target") else { throw fail(node, "problem", "target is missing") }
      let standardize = try entries["standardize"].map { node throws(InvalidInput) in
        try bool(node, "problem.standardize")
      }
      study.source = .table(path: data, target: target, standardize: standardize ?? false, format: try readFormat(entries))
    } else if let design = try file("design") {
      guard let response = try file("response") else { throw fail(node, "problem", "response is missing") }
      study.source = .matrices(
        design: design, response: response, truth: try file("truth"), format: try readFormat(entries))
    } else if let preset = try text("preset") {
      study.source = .preset(preset)
    }
    for key in names(.problem) {
      if let value = entries[key] { try fix(key, value, "problem", &study) }
    }
  }

  private func readStart(_ node: Node, _ study: inout Study) throws(InvalidInput) {
    let entries = try mapping(node, "initialisation", allowed: ["alpha", "u0", "v0"])
    if let alpha = entries["alpha"] { try fix("alpha", alpha, "initialisation", &study) }
    guard entries["u0"] != nil || entries["v0"] != nil else { return }
    guard let u = entries["u0"], let v = entries["v0"], entries["alpha"] == nil else {
      throw fail(node, "initialisation", "give alpha, or u0 and v0")
    }
    study.start = Study.StartFiles(
      u: resolve(try string(u, "initialisation.u0")), v: resolve(try string(v, "initialisation.v0")))
  }

  private func readAxes(_ node: Node, _ study: Study) throws(InvalidInput) -> [Axis] {
    guard case .mapping(let map) = node else { throw fail(node, "axes", "a mapping of settings to values is needed") }
    var axes: [Axis] = []
    // In the order of the file.
    for (keyNode, value) in map {
      let key = try string(keyNode, "axes")
      guard let setting = Setting(rawValue: key) else {
        throw unknown(keyNode, "axes", key, Setting.allCases.map(\.rawValue))
      }
      do {
        axes.append(try axis(setting, value))
      } catch let error as InvalidInput where !error.subject.description.hasPrefix(path) {
        throw fail(value, "axes.\(key)", error.reason, error.remedy)
      } catch let error as InvalidInput {
        throw error
      } catch {
        throw fail(value, "axes.\(key)", "\(error)")
      }
    }
    return axes
  }

  private func axis(_ setting: Setting, _ node: Node) throws -> Axis {
    let key = "axes.\(setting.rawValue)"
    switch node {
    case .sequence(let list): return try Axis(setting, list.map { try number($0, key) })
    case .mapping:
      let entries = try mapping(node, key, allowed: Axis.Spacing.allCases.map(\.rawValue))
      guard entries.count == 1, let (kind, range) = entries.first, let spacing = Axis.Spacing(rawValue: kind),
        case .sequence(let parts) = range, parts.count == 3
      else { throw fail(node, key, "a range is \(Self.ranges)") }
      let numbers = try parts.map { try number($0, key) }
      guard numbers[2] == numbers[2].rounded(), abs(numbers[2]) <= 1e7 else {
        throw fail(parts[2], key, "the number of values must be whole and at most 10,000,000")
      }
      return try .range(
        setting, from: numbers[0], to: numbers[1], count: Int(numbers[2]), spacing)
    default:
      throw fail(node, key, "a list of values is needed, or a range: \(Self.ranges)")
    }
  }

  private static let ranges = "{linear: [from, to, count]}, or log or complement (even in ln(1 − x)) in its place"

  /// Zipped axes become one dimension each, at the place of their first.
  private func grouped(_ axes: [Axis], _ node: Node?) throws(InvalidInput) -> [[Axis]] {
    var groups = axes.map { [$0] }
    guard let node else { return groups }
    let form: Message = "zip is a list of lists of axes, such as [[gamma, beta]]"
    guard case .sequence(let lists) = node else { throw fail(node, "zip", form) }
    for list in lists {
      guard case .sequence(let names) = list, names.count >= 2 else { throw fail(list, "zip", form) }
      var members: [Axis] = []
      for name in names {
        let key = try string(name, "zip")
        guard let index = groups.firstIndex(where: { $0.count == 1 && $0[0].setting.rawValue == key }) else {
          throw fail(name, "zip", "\(key) is no axis, or is zipped already")
        }
        members.append(groups[index][0])
        if members.count > 1 { groups.remove(at: index) }
      }
      guard Set(members.map(\.values.count)).count == 1 else {
        throw fail(list, "zip", "zipped axes must have equally many values")
      }
      let first = members[0].setting
      groups = groups.map { $0[0].setting == first ? members : $0 }
    }
    return groups
  }

  // MARK: Nodes

  private func unknown(_ node: Node, _ room: String, _ key: String, _ allowed: [String]) -> InvalidInput {
    fail(node, room, "the key \(key) is unknown here", "choose among " + allowed.joined(separator: ", "))
  }

  private func mapping(_ node: Node, _ room: String, allowed: [String]) throws(InvalidInput) -> [String: Node] {
    guard case .mapping(let map) = node else {
      throw fail(node, room, "a mapping is needed", "with keys among " + allowed.joined(separator: ", "))
    }
    var entries: [String: Node] = [:]
    for (keyNode, value) in map {
      let key = try string(keyNode, room)
      guard allowed.contains(key) else { throw unknown(keyNode, room, key, allowed) }
      entries[key] = value
    }
    return entries
  }

  func string(_ node: Node, _ key: String) throws(InvalidInput) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw fail(node, key, "a text is needed") }
    return scalar.string
  }

  func bool(_ node: Node, _ key: String) throws(InvalidInput) -> Bool {
    switch try string(node, key) {
    case "true": true
    case "false": false
    default: throw fail(node, key, "true or false is needed")
    }
  }

  private func number(_ node: Node, _ key: String) throws(InvalidInput) -> Double {
    guard case .scalar(let scalar) = node, let value = Double(scalar.string), value.isFinite else {
      let given = if case .scalar(let scalar) = node { "\"\(scalar.string)\"" } else { "a list or mapping" }
      throw fail(node, key, "a finite number is needed, such as 0.5 or 1e-3, not \(given)")
    }
    return value
  }

  private func fix(_ key: String, _ node: Node, _ room: String, _ study: inout Study) throws(InvalidInput) {
    guard let setting = Setting(rawValue: key) else { return }
    let value = try number(node, "\(room).\(key)")
    if let complaint = setting.complaint(value) {
      throw fail(node, "\(room).\(key)", "\(value) cannot be used: \(complaint)")
    }
    study.fixed[setting] = value
  }

  /// A file beside the study file, else as seen from the working directory.
  private func resolve(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    let beside = path[...slash] + file
    return FileManager.default.fileExists(atPath: String(beside)) ? String(beside) : file
  }
}

extension Study {
  /// Reads a study file. Throws `InvalidInput` with file, line and column.
  public init(contentsOf path: String) throws(InvalidInput) {
    self = try StudyFile.read(path)
  }

  /// Reads a study from text, for messages named `path`.
  public init(yaml: String, path: String = "study") throws(InvalidInput) {
    self = try StudyFile(path: path).study(yaml)
  }

  /// Overrides a setting: `value` is a number, several separated by commas, or a range linear:from,to,count (log,
  /// complement). A number fixes it; several make it an axis (in the place of the axis it was).
  public mutating func set(_ name: String, _ value: String) throws(InvalidInput) {
    let option: Message = "\(.set, "\(name)=\(value)")"
    guard let setting = Setting(rawValue: name) else {
      throw InvalidInput(
        option, because: "there is no setting of that name",
        remedy: "choose among " + Setting.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let spacing = Axis.Spacing.allCases.first { value.hasPrefix($0.rawValue + ":") }
    let numbers = value.dropFirst(spacing.map { $0.rawValue.count + 1 } ?? 0).split(
      separator: ",", omittingEmptySubsequences: false
    )
    .map { Double($0) ?? .nan }
    guard numbers.allSatisfy(\.isFinite), spacing == nil || numbers.count == 3 else {
      throw InvalidInput(
        option, because: "the value is not understood",
        remedy: "give a number, several separated by commas, linear:, log: or complement:from,to,count")
    }
    let axis: Axis
    do throws(InvalidInput) {
      if let spacing {
        guard numbers[2] == numbers[2].rounded(), abs(numbers[2]) < 1e9 else {
          throw InvalidInput(option, because: "the number of values must be whole")
        }
        axis = try .range(
          setting, from: numbers[0], to: numbers[1], count: Int(numbers[2]), spacing)
      } else {
        axis = try Axis(setting, numbers)
      }
    } catch {
      throw error.of(option)
    }
    if let g = groups.firstIndex(where: { $0.contains { $0.setting == setting } }) {
      guard groups[g].count == 1 || groups[g][0].values.count == axis.values.count else {
        throw InvalidInput(option, because: "a zipped axis must keep its number of values")
      }
      groups[g] = groups[g].map { $0.setting == setting ? axis : $0 }
    } else if numbers.count == 1 {
      fixed[setting] = numbers[0]
    } else {
      fixed[setting] = nil
      groups.append([axis])
    }
    do {
      try validate()
    } catch {
      throw error.of("\(option): \(error.subject)")
    }
  }
}
