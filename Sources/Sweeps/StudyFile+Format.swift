import Dynamics
import Files
import Yams

extension StudyFile {
  /// The keys that say how files of text are to be read.
  static let formatKeys = ["index", "drop", "delimiter", "decimal", "missing", "header"]

  /// How files of text are to be read; nil where nothing is said of it. Throws `InvalidInput`.
  func readFormat(_ entries: Entries) throws(InvalidInput) -> TableFormat? {
    guard Self.formatKeys.contains(where: { entries[$0] != nil }) else { return nil }
    func choice<Value>(
      _ key: String, _ allowed: [String], _ make: (String) -> Value?
    ) throws(InvalidInput) -> Value? {
      guard let node = entries[key] else { return nil }
      let text = try string(node, "problem.\(key)")
      guard let value = make(text) else {
        throw fail(
          node, "problem.\(key)", "\"\(text)\" is none", "choose one of \(allowed.joined(separator: ", "))")
      }
      return value
    }
    var format = TableFormat()
    if let node = entries["index"] { format.index = try string(node, "problem.index") }
    if let node = entries["drop"] {
      let names: [Node] = if case .sequence(let list) = node { Array(list) } else { [node] }
      for name in names { format.drop.append(try string(name, "problem.drop")) }
    }
    format.delimiter = try choice("delimiter", Delimiter.allCases.map(\.rawValue)) { Delimiter($0) }
    format.decimal = try choice("decimal", ["point", "comma"]) { DecimalMark($0) }
    let rules = MissingValues.allCases.map(\.rawValue)
    format.missing = try choice("missing", rules) { MissingValues(rawValue: $0) } ?? .refuse
    if let node = entries["header"] { format.header = try bool(node, "problem.header") }
    return format
  }
}
