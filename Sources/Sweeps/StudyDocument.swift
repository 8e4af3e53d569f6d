import Dynamics
import Foundation
import Yams

/// The nodes of a study file, or of an experiment's. Aliases are refused before they are resolved: a few lines of them can stand for more nodes
/// than any machine can look at. So are anchors and tags, which a study has no use for.
struct StudyDocument {
  let path: String
  private let text: String
  /// What such a file is called.
  private let name: String
  /// Longer files are refused: written by people they are a few kilobytes, and what reading costs grows with length × depth.
  private static let longest = 4 << 20

  init(_ text: String, path: String, name: String = "study file") {
    (self.text, self.path, self.name) = (text, path, name)
  }

  /// Reads the file at `path`. Throws `InvalidInput` unless it is text in UTF-8.
  init(contentsOf path: String, name: String = "study file") throws(InvalidInput) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InvalidInput(path, because: "the \(name) cannot be read", remedy: "check its name and permissions")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      if [[0xff, 0xfe], [0xfe, 0xff]].contains(Array(data.prefix(2))) {
        throw InvalidInput("\(path):1:1", because: "the \(name) is UTF-16", remedy: "save it as UTF-8")
      }
      let readable = String(decoding: data, as: UTF8.self).unicodeScalars.prefix { $0 != "\u{FFFD}" }
      let lines = Self.lines(String(readable))
      throw InvalidInput(
        "\(path):\(lines.count):\((lines.last?.count ?? 0) + 1)", because: "the \(name) is not UTF-8 text",
        remedy: "save it as UTF-8")
    }
    self.init(text, path: path, name: name)
  }

  /// The root; nil for a file without content. Throws `InvalidInput` with line and column. Complexity: O(length × depth),
  /// depth at most 1000.
  func root() throws(InvalidInput) -> Node? {
    guard text.utf8.count <= Self.longest else {
      throw InvalidInput(
        "\(path):1:1", because: "the \(name) has \(text.utf8.count) bytes, more than \(Self.longest)",
        remedy: "give long axes as ranges {linear: [from, to, count]}, or divide the study")
    }
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "!") })
    else { return try compose(text) }
    // With another letter in the place of each star there is no alias left, and every node begins where it did.
    guard let masked = try compose(text.replacing("*", with: "z")) else { return nil }
    try refuseReferences(masked, Self.lines(text))
    return try compose(text)
  }

  private var article: String { name.hasPrefix("e") ? "an" : "a" }

  private func compose(_ text: String) throws(InvalidInput) -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch {
      throw unreadable(error)
    }
  }

  private func refuseReferences(_ node: Node, _ lines: [[Unicode.Scalar]]) throws(InvalidInput) {
    if let mark = node.mark, lines.indices.contains(mark.line - 1) {
      let line = lines[mark.line - 1]
      let first = line.indices.contains(mark.column - 1) ? line[mark.column - 1] : " "
      let what: (String, String)? =
        switch first {
        case "*": ("an alias", "write out what it stands for, or put a text that begins with * in quotes")
        case "&": ("an anchor", "leave it out, or put a text that begins with & in quotes")
        case "!": ("a tag", "leave it out, or put a text that begins with ! in quotes")
        default: nil
        }
      if let (name, remedy) = what {
        let word = String(
          String.UnicodeScalarView(line[(mark.column - 1)...].prefix { !" ,[]{}:\t".unicodeScalars.contains($0) }))
        throw InvalidInput(
          "\(path):\(mark.line):\(mark.column): \(word.prefix(40))",
          because: Message("\(name) has no place in \(article) \(self.name)"),
          remedy: Message(remedy))
      }
    }
    switch node {
    case .sequence(let list): for item in list { try refuseReferences(item, lines) }
    case .mapping(let map):
      for (key, value) in map {
        try refuseReferences(key, lines)
        try refuseReferences(value, lines)
      }
    case .scalar, .alias: break
    }
  }

  /// The lines as YAML ends them.
  static func lines(_ text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    return lines
  }

  private func unreadable(_ error: any Error) -> InvalidInput {
    func fault(_ line: Int, _ column: Int, _ reason: String) -> InvalidInput {
      InvalidInput("\(path):\(line):\(column)", because: Message(reason))
    }
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _) where problem.contains("nest"),
      .parser(_, let problem, let mark, _) where problem.contains("nest"):
      return fault(mark.line, mark.column, "it is nested more than 1000 levels deep")
    case .composer(_, let problem, let mark, _) where problem.contains("another document"):
      return fault(mark.line, mark.column, "\(article) \(name) holds one document, and another begins here")
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return fault(mark.line, mark.column, "it is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      return fault(
        context.mark.line, context.mark.column, "the key \(duplicates.first.map { "\($0)" } ?? "") occurs twice")
    case .reader(let problem, let offset?, _, _):
      let before = Self.lines(String(decoding: text.utf8.prefix(offset), as: UTF8.self))
      return fault(before.count, (before.last?.count ?? 0) + 1, "it is not YAML: \(problem)")
    default:
      return InvalidInput("\(path):1:1", because: "it is not YAML: \(error)")
    }
  }
}
