import Dynamics
import Experiments
import FoundationEssentials

/// What a page asks, as it came in.
struct Question: Sendable {
  private let object: JSONObject

  /// Reads it. Throws `InvalidInput` for what is no JSON object.
  init(_ bytes: [UInt8]) throws(InvalidInput) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)), case .object(let object) = value
    else { throw InvalidInput("request", because: "it is no JSON object") }
    self.object = object
  }

  private func missing(_ name: String, _ what: String) -> InvalidInput {
    InvalidInput("request", because: "its \"\(name)\" must be \(what)")
  }

  /// The tab that asks, where it says so.
  var tab: String { text("tab").map { String($0.prefix(64)) } ?? "" }

  /// Whether many experiments are asked for.
  var isList: Bool { object["experiments"] != nil }

  /// The experiments. Throws `InvalidInput` where there are none, or too many.
  func experiments() throws(InvalidInput) -> [JSONValue] {
    guard isList else { return [try experiment()] }
    guard case .array(let list)? = object["experiments"], (1...Bounds.experiments).contains(list.count) else {
      throw missing("experiments", "a list of 1 to \(Bounds.experiments)")
    }
    return list
  }

  /// The experiment. Throws `InvalidInput` where there is none.
  func experiment() throws(InvalidInput) -> JSONValue {
    guard let value = object["experiment"] else { throw missing("experiment", "an experiment") }
    return value
  }

  /// A text.
  func text(_ name: String) -> String? { if case .string(let text)? = object[name] { text } else { nil } }

  /// A short text. Throws `InvalidInput` where there is none.
  func word(_ name: String) throws(InvalidInput) -> String {
    guard let text = text(name), (1...64).contains(text.utf8.count) else {
      throw missing(name, "a text of 1 to 64 bytes")
    }
    return text
  }

  /// A whole number. Throws `InvalidInput` where there is none.
  func whole(_ name: String) throws(InvalidInput) -> Int {
    guard case .integer(let number)? = object[name] else { throw missing(name, "a whole number") }
    return number
  }

  /// Whether something is wanted.
  func flag(_ name: String) -> Bool { object[name] == .bool(true) }

  /// The one of a list that a number names. Throws `InvalidInput` where it names none.
  func choice<T>(_ name: String, _ list: [T]) throws(InvalidInput) -> T {
    let index = try whole(name)
    guard list.indices.contains(index) else {
      throw InvalidInput(
        "\(name) \(index)", because: "there are \(list.count)", remedy: "start the explorer with the file that is meant"
      )
    }
    return list[index]
  }

  /// One of the names of a table, with what stands there. Throws `InvalidInput` for others.
  func name<T>(_ name: String, of table: [String: T]) throws(InvalidInput) -> (key: String, value: T) {
    guard let key = text(name), let value = table[key] else {
      throw missing(name, "one of " + table.keys.sorted().joined(separator: ", "))
    }
    return (key, value)
  }
}
