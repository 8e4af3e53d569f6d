import Dynamics
import Yams

extension StudyFile {
  /// The keys of a mapping with their values, in the order of the file.
  struct Entries {
    let list: [(key: String, value: Node)]
    subscript(key: String) -> Node? { list.first { $0.key == key }?.value }
  }

  func place(_ node: Node) -> StudyOrigin.Place {
    StudyOrigin.Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  func fail(_ node: Node, _ key: String, _ reason: Message, _ remedy: Message? = nil) -> InvalidInput {
    let place = place(node)
    return InvalidInput(
      "\(path):\(place.line):\(place.column): \(key)", because: Message(reason.text(StudyOrigin.wording)),
      remedy: remedy.map { Message($0.text(StudyOrigin.wording)) })
  }

  func unknown(_ node: Node, _ room: String, _ key: String, _ allowed: [String]) -> InvalidInput {
    fail(
      node, room.isEmpty ? "the study" : room, "the key \(key) is unknown here",
      "choose among \(allowed.joined(separator: ", "))")
  }

  /// A mapping with some keys; `room` is its path, "" for the whole file.
  func mapping(_ node: Node, _ room: String, allowed: [String]) throws(InvalidInput) -> Entries {
    guard case .mapping(let map) = node else {
      throw fail(
        node, room.isEmpty ? "the study" : room, "a mapping is needed",
        "with keys among \(allowed.joined(separator: ", "))")
    }
    origin.keys[room] = place(node)
    var list: [(key: String, value: Node)] = []
    for (keyNode, value) in map {
      let key = try string(keyNode, room.isEmpty ? "the study" : room)
      guard allowed.contains(key) else { throw unknown(keyNode, room, key, allowed) }
      let whole = room.isEmpty ? key : "\(room).\(key)"
      origin.keys[whole] = place(value)
      if case .scalar(let scalar) = value { origin.texts[whole] = scalar.string }
      list.append((key, value))
    }
    return Entries(list: list)
  }

  func string(_ node: Node, _ key: String) throws(InvalidInput) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw fail(node, key, "a text is needed") }
    return scalar.string
  }

  func bool(_ node: Node, _ key: String) throws(InvalidInput) -> Bool {
    let text = try string(node, key)
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default:
      let isOld = ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
      throw fail(
        node, key,
        isOld
          ? "YAML 1.1 reads \(text) as a truth value, YAML 1.2 as text" : "true or false is needed, not \"\(text)\"",
        isOld ? "write \(["yes", "on", "y"].contains(text.lowercased()) ? "true" : "false")" : nil)
    }
  }

  func number(_ node: Node, _ key: String) throws(InvalidInput) -> NumberText {
    guard case .scalar(let scalar) = node else {
      throw fail(node, key, "a finite number is needed, such as 0.5 or 1e-3, not a list or mapping")
    }
    do {
      return try NumberText(scalar.string)
    } catch {
      throw fail(node, key, error.reason, error.remedy)
    }
  }

  /// The value of a setting.
  func value(_ node: Node, _ key: String, of setting: Setting) throws(InvalidInput) -> SettingValue {
    let number: NumberText
    if setting.names != nil {
      let text = try string(node, key)
      do throws(NumberText.Fault) {
        number = try setting.number(text)
      } catch {
        throw fail(node, "\(key): \(text)", error.reason, error.remedy)
      }
    } else {
      number = try self.number(node, key)
    }
    if let complaint = setting.complaint(number) {
      throw fail(node, key, "\(node.string ?? "") cannot be used: \(complaint)")
    }
    return number.value
  }
}
