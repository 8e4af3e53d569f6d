import Dynamics
import Experiments

/// A short text for people: the same names as in the JSON, numbers rounded, long lists summarised.
func reportText(_ report: JSONObject) -> String {
  var lines: [(String, String)] = []
  var tables: [String] = []
  func add(_ key: String, _ value: JSONValue) {
    switch value {
    case .null:
      break
    case .bool(let flag): lines.append((key, flag ? "yes" : "no"))
    case .integer(let number): lines.append((key, "\(number)"))
    case .unsigned(let number): lines.append((key, "\(number)"))
    case .number(let number): lines.append((key, short(number, digits: 6)))
    case .string(let text): if !key.hasSuffix("_reason") { lines.append((key, text)) }
    case .object(let object):
      for (name, inner) in object.entries { add("\(key).\(name)", inner) }
    case .array(let items):
      if case .object? = items.first {
        tables.append(table(key, items))
      } else if case .number? = items.first {
        lines.append((key, summary(items)))
      } else if case .string? = items.first {
        let texts = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        tables.append((["", key] + texts.map { "  " + $0 }).joined(separator: "\n"))
      } else if key == "sign_changes" {
        lines.append((key, "none"))
      }
    }
  }
  for (key, value) in report.entries where key != "command" && key != "provenance" {
    if key == "problem", case .object(let problem) = value {
      lines.append(("problem", problemText(problem)))
    } else {
      add(key, value)
    }
  }
  let width = lines.map(\.0.count).max() ?? 0
  let text = lines.map { pad($0.0, width) + "  " + $0.1 }
  return (text + tables).joined(separator: "\n")
}

private func problemText(_ problem: JSONObject) -> String {
  var parts: [String] = []
  for key in ["name", "n", "d", "rank", "held_out", "seed", "alpha"] {
    switch problem[key] {
    case .integer(let number)?: parts.append("\(key) = \(number)")
    case .unsigned(let number)?: parts.append("\(key) = \(number)")
    case .number(let number)?: parts.append("\(key) = \(short(number))")
    case .string(let text)?: parts.append(key == "name" ? text : "\(key) = \(text)")
    default: break
    }
  }
  return parts.joined(separator: ", ")
}

private func summary(_ items: [JSONValue]) -> String {
  let numbers = items.compactMap { if case .number(let x) = $0 { x } else { nil } }
  guard let low = numbers.min(), let high = numbers.max() else { return "none" }
  return "\(items.count) values from \(short(low)) to \(short(high))"
}

/// Objects with the same keys as an aligned table; at most 12 rows.
private func table(_ title: String, _ items: [JSONValue]) -> String {
  let objects = items.compactMap { if case .object(let object) = $0 { object } else { nil } }
  var keys: [String] = []
  for object in objects {
    for (key, _) in object.entries where !keys.contains(key) && !key.hasSuffix("_reason") { keys.append(key) }
  }
  let shown = objects.prefix(12)
  let cells = shown.map { object in
    keys.map { key in
      switch object[key] {
      case .integer(let number)?: "\(number)"
      case .number(let number)?: short(number, digits: 5)
      case .string(let text)?: text
      case .bool(let flag)?: flag ? "yes" : "no"
      case .array(let items)?:
        items.compactMap { if case .number(let x) = $0 { short(x, digits: 5) } else { nil } }.joined(separator: " to ")
      default: "–"
      }
    }
  }
  let widths = keys.indices.map { column in
    max(keys[column].count, cells.map { $0[column].count }.max() ?? 0)
  }
  func row(_ fields: [String]) -> String {
    zip(fields, widths).map { pad($0, $1) }.joined(separator: "  ")
  }
  let more = objects.count > shown.count ? ["  … and \(objects.count - shown.count) more (--json lists all)"] : []
  return (["", "\(title) (\(objects.count))", "  " + row(keys)] + cells.map { "  " + row($0) } + more)
    .joined(separator: "\n")
}

private func pad(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
