import CNetCDF
import Dynamics

extension NetCDFInput {
  /// Everything in a file that our own writing could have put there: arrays of up to two dimensions of real numbers, whole numbers
  /// or texts, and global attributes of one value; what else there is is left out. Throws `InvalidInput` for files that cannot be read.
  package static func dataset(_ file: ArrayFile) throws(InvalidInput) -> ArrayDataset {
    try reading(file) { root throws(InvalidInput) in
      var dimensions: [(name: String, count: Int)] = []
      var arrays: [NamedArray] = []
      for variable in NetCDFVariable.all(in: root)
      where variable.group == root && (1...2).contains(variable.shape.count) {
        let names = variable.dimensionNames
        guard names.count == variable.shape.count, !variable.shape.contains(0) else { continue }
        try requireMemory(
          16 * variable.shape.reduce(1) { $0 * Double($1) }, for: Message("\(file.path):\(variable.name)"),
          remedy: "open a smaller file")
        guard let values = try values(variable, file.path) else { continue }
        for (name, count) in zip(names, variable.shape) where !dimensions.contains(where: { $0.name == name }) {
          dimensions.append((name, count))
        }
        func text(_ name: String) -> String? {
          if case .text(let text)? = NetCDFAttribute(variable.group, variable.id, name) { text } else { nil }
        }
        arrays.append(
          NamedArray(variable.name, names, values, longName: text("long_name") ?? variable.name, units: text("units")))
      }
      return ArrayDataset(dimensions: dimensions, arrays: arrays, attributes: globals(root))
    }
  }

  private static func values(_ variable: NetCDFVariable, _ path: String) throws(InvalidInput) -> NamedArray.Values? {
    let count = variable.shape.reduce(1, *)
    func check(_ code: CInt) throws(InvalidInput) {
      guard code == NC_NOERR else {
        throw InvalidInput(
          "\(path):\(variable.name)", because: "it cannot be read: \(String(cString: nc_strerror(code)))",
          remedy: "write the file anew")
      }
    }
    switch variable.type {
    case NC_STRING:
      var texts = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      try check(nc_get_var_string(variable.group, variable.id, &texts))
      defer { nc_free_string(count, &texts) }
      return .strings(texts.map { $0.map { String(cString: $0) } ?? "" })
    case NC_BYTE, NC_UBYTE, NC_SHORT, NC_USHORT, NC_INT, NC_UINT, NC_INT64:
      var whole = [CLongLong](repeating: 0, count: count)
      try check(nc_get_var_longlong(variable.group, variable.id, &whole))
      return .integers(whole.map { Int($0) })
    case NC_FLOAT, NC_DOUBLE, NC_UINT64:
      var numbers = [Double](repeating: 0, count: count)
      try check(nc_get_var_double(variable.group, variable.id, &numbers))
      return .reals(numbers)
    default: return nil
    }
  }

  private static func globals(_ root: CInt) -> [(name: String, value: AttributeValue)] {
    var count: CInt = 0
    nc_inq_natts(root, &count)
    return (0..<count).compactMap { index in
      var bytes = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
      guard nc_inq_attname(root, NC_GLOBAL, index, &bytes) == NC_NOERR else { return nil }
      let name = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      switch NetCDFAttribute(root, NC_GLOBAL, name) {
      case .text(let text)?: return (name, .text(text))
      case .numbers(let type, let numbers, _)? where numbers.count == 1:
        let isWhole = ![NC_FLOAT, NC_DOUBLE].contains(type)
        return (
          name, isWhole ? Int(exactly: numbers[0]).map { .integer($0) } ?? .number(numbers[0]) : .number(numbers[0])
        )
      default: return nil
      }
    }
  }
}
