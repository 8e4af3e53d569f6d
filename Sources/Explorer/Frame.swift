import Experiments
import Files

/// A piece of an answer: one line of JSON, and the bytes of arrays behind it where it has some.
package struct Frame {
  private(set) var object: JSONObject
  private var binary: [UInt8] = []

  /// A line from its entries.
  package init(_ entries: KeyValuePairs<String, JSONValue>) { object = JSONObject(entries) }

  /// A line that ends in a line feed, and the bytes that it announces.
  package var bytes: [UInt8] {
    var object = object
    if !binary.isEmpty { object["bytes"] = .integer(binary.count) }
    return Array(JSONValue.object(object).text().utf8) + [0x0A] + binary
  }

  /// Adds arrays: texts in the line, numbers behind it, as little-endian doubles that begin at the offset named.
  package mutating func add(_ dataset: ArrayDataset) {
    let lengths = Dictionary(dataset.dimensions.map { ($0.name, $0.count) }) { first, _ in first }
    object["arrays"] = .array(
      dataset.arrays.map { array in
        func text(_ name: String) -> JSONValue {
          if case .text(let text)? = array.attributes.first(where: { $0.name == name })?.value {
            .string(text)
          } else {
            .null
          }
        }
        var described = JSONObject([
          "name": .string(array.name), "long_name": text("long_name"), "units": text("units"),
          "dimensions": .array(array.dimensions.map { .string($0) }),
          "shape": .array(array.dimensions.map { .integer(lengths[$0] ?? array.values.count) }),
        ])
        switch array.values {
        case .strings(let values): described["texts"] = .array(values.map { .string($0) })
        case .reals(let values): described["offset"] = add(values)
        case .integers(let values): described["offset"] = add(values.map(Double.init))
        case .unsigned(let values): described["offset"] = add(values.map(Double.init))
        }
        return .object(described)
      })
  }

  private mutating func add(_ values: [Double]) -> JSONValue {
    let offset = binary.count
    let words = values.map { $0.bitPattern.littleEndian }
    words.withUnsafeBytes { binary.append(contentsOf: $0) }
    return .integer(offset)
  }
}
