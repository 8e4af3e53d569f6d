import Dynamics
import Foundation
import Yams

/// Reads study files strictly: unknown keys, wrong types and values out of range are told with file, line and column.
package final class StudyFile {
  let path: String
  /// Where things stand, for what turns out to be wrong later.
  var origin: StudyOrigin

  /// The keys of a file.
  package static let keys = [
    "name", "problem", "initialisation", "method", "stepper", "fixed", "axes", "zip", "record", "stop",
  ]

  init(path: String) {
    self.path = path
    origin = StudyOrigin(path: path)
  }

  /// The study of a file. Throws `InvalidInput`.
  static func read(_ path: String) throws(InvalidInput) -> Study {
    return try StudyFile(path: path).study(StudyDocument(contentsOf: path))
  }

  /// Throws `InvalidInput`.
  func study(_ document: StudyDocument) throws(InvalidInput) -> Study {
    guard let root = try document.root() else {
      throw InvalidInput(
        "\(path):1:1", because: "the study file is empty", remedy: "the documentation of mgf sweep shows an example")
    }
    let entries = try mapping(root, "", allowed: Self.keys)
    func required(_ key: String) throws(InvalidInput) -> Node {
      guard let node = entries[key] else { throw fail(root, "the study", "the key \(key) is missing") }
      return node
    }
    var study = Study(name: "study", source: .gaussian, method: .heavyBall)
    if let node = entries["name"] { study.name = try string(node, "name") }
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
      for (key, value) in try mapping(node, "fixed", allowed: names(.fixed) + ["replacement"]).list {
        if key == "replacement" {
          study.replacement = try bool(value, "fixed.replacement")
        } else {
          try fix(key, value, "fixed", &study)
        }
      }
    }
    for (key, value) in try mapping(required("stop"), "stop", allowed: names(.stop)).list {
      try fix(key, value, "stop", &study)
    }
    if let node = entries["record"] {
      let entries = try mapping(node, "record", allowed: ["samples"])
      guard let samples = entries["samples"] else { throw fail(node, "record", "samples is missing") }
      let count = try number(samples, "record.samples").value.double
      guard count >= 2, count == count.rounded(), count <= 1e6 else {
        throw fail(samples, "record.samples", "it must be a whole number between 2 and 1,000,000")
      }
      study.samples = Int(count)
    }
    let axes = try entries["axes"].map { node throws(InvalidInput) in try readAxes(node) } ?? []
    study.groups = try grouped(axes, entries["zip"])
    for axis in axes {
      // A problem has numbers of its own, which an axis may take the place of.
      if study.fixed[axis.setting] != nil, axis.setting.room == .fixed,
        let node = entries["fixed"]?.mapping?.first(where: { $0.key.string == axis.setting.rawValue })
      {
        throw fail(
          node.value, "fixed.\(axis.setting.rawValue)", "it is an axis, too", "leave one of them out")
      }
      study.fixed[axis.setting] = nil
    }
    guard !study.replacement || study.has(.batch) || axes.contains(where: { $0.setting == .batch }) else {
      throw fail(
        entries["fixed"]?.mapping?["replacement"] ?? root, "fixed.replacement", "there are no minibatches", "give batch"
      )
    }
    study.origin = origin
    try study.validate()
    return study
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
      for (key, value) in try mapping(gaussian, "problem.gaussian", allowed: inner).list {
        try fix(key, value, "problem.gaussian", &study)
      }
    } else if let data = try file("data") {
      guard let target = try text("target") else { throw fail(node, "problem", "target is missing") }
      let standardize = try entries["standardize"].map { node throws(InvalidInput) in
        try bool(node, "problem.standardize")
      }
      study.source = .table(
        path: data, target: target, standardize: standardize ?? false, format: try readFormat(entries))
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

  private func readAxes(_ node: Node) throws(InvalidInput) -> [Axis] {
    guard case .mapping(let map) = node else { throw fail(node, "axes", "a mapping of settings to values is needed") }
    origin.keys["axes"] = place(node)
    var axes: [Axis] = []
    // In the order of the file.
    for (keyNode, value) in map {
      let key = try string(keyNode, "axes")
      guard let setting = Setting(rawValue: key) else {
        throw unknown(keyNode, "axes", key, Setting.allCases.map(\.rawValue))
      }
      axes.append(try axis(setting, value))
    }
    return axes
  }

  private func axis(_ setting: Setting, _ node: Node) throws(InvalidInput) -> Axis {
    let key = "axes.\(setting.rawValue)"
    switch node {
    case .sequence(let list):
      var values: [SettingValue] = []
      var known: Set<SettingValue> = []
      for item in list {
        let value = try value(item, key, of: setting)
        guard known.insert(value).inserted else {
          throw fail(
            item, key, "the value \(setting.text(value)) occurs twice", "every run of a study must be different")
        }
        values.append(value)
      }
      origin.settings[setting] = (key, list.map { place($0) })
      do { return try Axis(setting, values) } catch { throw fail(node, key, error.reason, error.remedy) }
    case .mapping:
      let entries = try mapping(node, key, allowed: Axis.Spacing.allCases.map(\.rawValue)).list
      guard entries.count == 1, let (kind, range) = entries.first, let spacing = Axis.Spacing(rawValue: kind),
        case .sequence(let parts) = range, parts.count == 3
      else { throw fail(node, key, "a range is \(Self.ranges)") }
      let ends = (try value(parts[0], key, of: setting), try value(parts[1], key, of: setting))
      let count = try number(parts[2], key).value.double
      guard count == count.rounded(), count >= 1, count <= 1e7 else {
        throw fail(parts[2], key, "the number of values must be whole, from 1 to 10,000,000")
      }
      origin.settings[setting] = (key, [place(node)])
      do {
        return try .range(setting, from: ends.0, to: ends.1, count: Int(count), spacing)
      } catch {
        throw fail(node, key, error.reason, error.remedy)
      }
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

  private func fix(_ key: String, _ node: Node, _ room: String, _ study: inout Study) throws(InvalidInput) {
    guard let setting = Setting(rawValue: key) else { return }
    study.fixed[exactly: setting] = try value(node, "\(room).\(key)", of: setting)
    origin.settings[setting] = ("\(room).\(key)", [place(node)])
  }

  private func resolve(_ file: String) -> String { Self.resolve(file, beside: path) }

  /// A file beside the one at `path`, else as seen from the working directory.
  static func resolve(_ file: String, beside path: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    let beside = path[...slash] + file
    return FileManager.default.fileExists(atPath: String(beside)) ? String(beside) : file
  }
}
