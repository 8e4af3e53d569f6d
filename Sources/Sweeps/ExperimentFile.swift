import Dynamics
import Experiments
import Yams

/// An experiment in a file, YAML or JSON, and the places of its parts.
public struct ExperimentFile {
  private let path: String
  private let value: JSONValue
  /// The places of values, by the path of their key.
  private var places: [String: StudyOrigin.Place] = [:]

  /// Reads the file. Throws `InvalidInput` with line and column for what is not such a file.
  public init(_ path: String) throws(InvalidInput) {
    self.path = path
    let document = try StudyDocument(contentsOf: path, name: "experiment file")
    guard let root = try document.root() else {
      throw InvalidInput(
        "\(path):1:1", because: "the experiment file is empty",
        remedy: "the documentation of mgf run shows how to have one printed")
    }
    var reader = Reader(path: path)
    value = try reader.value(root, at: "")
    places = reader.places
  }

  /// The experiment; files that it names are sought beside the file, else as seen from the working directory.
  ///
  /// Throws `InvalidInput` with line and column for what cannot be used.
  public func experiment() throws(InvalidInput) -> Experiment {
    do throws(InvalidInput) {
      let experiment = try Experiment(value).mappingFiles { StudyFile.resolve($0, beside: path) }
      try experiment.validate()
      return experiment
    } catch {
      throw located(error)
    }
  }

  /// The words of experiment files: a field is its path.
  public static let wording = Wording { field, value in value.map { "\(field.rawValue): \($0)" } ?? field.rawValue }

  /// A fault with the place of the field at fault, in the words of experiment files.
  public func located(_ error: InvalidInput) -> InvalidInput {
    var subject = error.subject.text(Self.wording)
    if let field = error.field, let place = place(field) {
      subject = "\(path):\(place.line):\(place.column): \(subject)"
    }
    return InvalidInput(
      Message(subject), because: Message(error.reason.text(Self.wording)),
      remedy: error.remedy.map { Message($0.text(Self.wording)) })
  }

  /// The place of a field; of the part that lacks it where it is not there.
  private func place(_ field: Field) -> StudyOrigin.Place? {
    if let place = places[field.rawValue] ?? places["problem.gaussian.\(field.name)"] { return place }
    let part = field.rawValue.split(separator: ".").dropLast().joined(separator: ".")
    return places[part] ?? places[""]
  }

  /// Turns nodes into values.
  private struct Reader {
    let path: String
    var places: [String: StudyOrigin.Place] = [:]

    mutating func value(_ node: Node, at key: String) throws(InvalidInput) -> JSONValue {
      places[key] = StudyOrigin.Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
      switch node {
      case .scalar(let scalar): return try scalarValue(scalar, node, key)
      case .sequence(let items):
        var values: [JSONValue] = []
        for (index, item) in items.enumerated() { values.append(try value(item, at: "\(key).\(index)")) }
        return .array(values)
      case .mapping(let map):
        var object = JSONObject()
        for (keyNode, item) in map {
          guard let name = keyNode.string, !name.isEmpty else { throw fault(keyNode, "a key is a text") }
          object[name] = try value(item, at: key.isEmpty ? name : "\(key).\(name)")
        }
        return .object(object)
      case .alias: throw fault(node, "an alias has no place in an experiment file")
      }
    }

    private func scalarValue(_ scalar: Node.Scalar, _ node: Node, _ key: String) throws(InvalidInput) -> JSONValue {
      let text = scalar.string
      guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
      if ["", "~", "null", "Null", "NULL"].contains(text) { return .null }
      if let flag = ["true": true, "false": false][text.lowercased()] { return .bool(flag) }
      do {
        let number = try NumberText(text)
        let whole = number.isExact ? number.value.unsigned : nil
        return whole.map { .unsigned($0) } ?? .number(number.value.double)
      } catch {
        // What begins like a number and is none is a mistake, unless it names something; everything else is a text.
        guard text.first?.isNumber == true || Double(text) != nil,
          !Self.names.contains(where: { key.hasPrefix($0.rawValue) })
        else { return .string(text) }
        throw fault(node, error.reason, error.remedy)
      }
    }

    /// What has the name of a file, a column or a preset.
    private static let names: [Field] = [
      .data, .target, .design, .response, .truth, .preset, .index, .drop, .u, .v, .uRate, .vRate, .weights, .rates,
    ]

    private func fault(_ node: Node, _ reason: Message, _ remedy: Message? = nil) -> InvalidInput {
      InvalidInput(
        "\(path):\(node.mark?.line ?? 1):\(node.mark?.column ?? 1)", because: reason, remedy: remedy)
    }
  }
}
