import CNetCDF
import Dynamics

/// Matrices and vectors in NetCDF files and in HDF5 files that the NetCDF library reads: the only variable of as many
/// dimensions, or the one named as in `X.nc:NAME`, `X.nc:GROUP/NAME`.
///
/// NetCDF decodes bytes (their order, compression, chunks), `NetCDFDecoding` what the attributes say. Matrices are read
/// straight into the one in memory.
package enum NetCDFInput {
  /// Writes a matrix row by row; the numbers from one row to the next come second.
  package typealias Fill = (UnsafeMutablePointer<Double>, Int) throws(InvalidInput) -> Void

  /// The matrix in `file`: what `make` makes of its rows and columns, its name in messages, and what writes the numbers.
  /// Throws `InvalidInput`.
  package static func matrix<Matrix>(
    _ file: ArrayFile, making make: (Int, Int, String, Fill) throws(InvalidInput) -> Matrix
  ) throws(InvalidInput) -> Matrix {
    try reading(file) { root throws(InvalidInput) in
      let variable = try choose(
        file, root, "variable of two dimensions", where: { $0.shape.count == 2 }, orElse: { _ in false })
      let (place, shape) = ("\(file.path):\(variable.name)", variable.shape)
      guard shape.count == 2 else {
        throw InvalidInput(
          place, because: "its shape is \(variable.shapeText)", remedy: "two dimensions are needed, samples × features")
      }
      try requireEntries(variable, place)
      let decoding = try NetCDFDecoding(variable, place)
      return try make(shape[0], shape[1], place) { (base, stride) throws(InvalidInput) in
        try fill(variable, decoding, place, base, stride)
      }
    }
  }

  /// The vector in `file`: one dimension, or one column. Throws `InvalidInput`.
  package static func column(_ file: ArrayFile) throws(InvalidInput) -> [Double] {
    try reading(file) { root throws(InvalidInput) in
      let variable = try choose(
        file, root, "variable of one dimension", where: { $0.shape.count == 1 && !$0.isCoordinate },
        orElse: { $0.shape.count == 2 && $0.shape[1] == 1 })
      let (place, shape) = ("\(file.path):\(variable.name)", variable.shape)
      guard shape.count == 1 || shape.count == 2 && shape[1] == 1 else {
        throw InvalidInput(
          place, because: "its shape is \(variable.shapeText)", remedy: "one dimension, or one column, is needed")
      }
      try requireEntries(variable, place)
      let decoding = try NetCDFDecoding(variable, place)
      try requireMemory(16 * Double(shape[0]), for: Message(place), remedy: "give a shorter vector")
      let (count, memory) = (shape[0], UnsafeMutablePointer<Double>.allocate(capacity: shape[0]))
      defer { memory.deallocate() }
      memory.initialize(repeating: 0, count: count)
      let start = [Int](repeating: 0, count: shape.count)
      if let fault = try decoding.read(start, shape, into: memory, place) {
        throw fault.error("\(place), entry [\(fault.index)] (counted from 0)")
      }
      for index in 0..<count where !memory[index].isFinite {
        throw InvalidInput(
          "\(place), entry [\(index)] (counted from 0)", because: "\(memory[index]) is not a finite number",
          remedy: "give finite numbers, or remove the row or column")
      }
      return Array(UnsafeBufferPointer(start: memory, count: count))
    }
  }

  /// A global attribute that is text; nil when there is none. Throws `InvalidInput` for files that cannot be opened.
  package static func globalText(_ name: String, in file: ArrayFile) throws(InvalidInput) -> String? {
    try reading(file) { root throws(InvalidInput) in
      if case .text(let text)? = NetCDFAttribute(root, NC_GLOBAL, name) { text } else { nil }
    }
  }

  static func reading<Value>(
    _ file: ArrayFile, _ body: (CInt) throws(InvalidInput) -> Value
  ) throws(InvalidInput) -> Value {
    let bytes = try file.unpacked()
    try ClassicHeader.check(file.path, unpacked: bytes)
    return try NetCDFFile.library.withLock { _ throws(InvalidInput) in
      var root: CInt = 0
      // What is unpacked stays in memory of its own while the library looks at it.
      let memory = bytes.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0.count, alignment: 16) }
      defer { memory?.deallocate() }
      if let bytes { memory?.copyBytes(from: bytes) }
      let code =
        memory.map { nc_open_mem(file.path, NC_NOWRITE, $0.count, $0.baseAddress, &root) }
        ?? nc_open(file.path, NC_NOWRITE, &root)
      guard code == NC_NOERR else {
        throw InvalidInput(
          file.path,
          because: "it is \(file.format.rawValue) that cannot be opened: \(String(cString: nc_strerror(code)))",
          remedy: "copy or write it anew, for example with xarray's to_netcdf")
      }
      defer { nc_close(root) }
      return try body(root)
    }
  }

  /// The variable that `file` names or, without a name, the only numeric one that `isWanted` or else that `isTaken`.
  private static func choose(
    _ file: ArrayFile, _ root: CInt, _ what: String, where isWanted: (NetCDFVariable) -> Bool,
    orElse isTaken: (NetCDFVariable) -> Bool
  ) throws(InvalidInput) -> NetCDFVariable {
    let all = NetCDFVariable.all(in: root)
    let numeric = all.filter { $0.unreadableType == nil }
    var fitting = numeric.filter(isWanted)
    if fitting.isEmpty { fitting = numeric.filter(isTaken) }
    func list(_ variables: [NetCDFVariable]) -> String {
      let names = variables.prefix(20).map(\.name).joined(separator: ", ")
      return variables.isEmpty ? "none at all" : names + (variables.count > 20 ? ", …" : "")
    }
    if let name = file.name {
      guard let named = all.first(where: { $0.name == name || "/" + $0.name == name }) else {
        throw InvalidInput(
          file.place, because: "the file has no variable of that name",
          remedy: "it has \(list(fitting.isEmpty ? all : fitting))")
      }
      if let type = named.unreadableType {
        throw InvalidInput(
          file.place, because: "its entries are \(type)", remedy: "save real numbers, for example as float64")
      }
      return named
    }
    guard let only = fitting.first else {
      let others = all.filter { isWanted($0) && $0.unreadableType != nil }
      throw InvalidInput(
        file.path,
        because: "it holds no numeric \(what)"
          + (others.first.map { " (the entries of \($0.name) are \($0.unreadableType ?? ""))" } ?? ""),
        remedy: all.isEmpty ? "it holds no variable at all" : "it has \(list(all)): name one as in \(file.path):NAME")
    }
    guard fitting.count == 1 else {
      let plural = what.replacing("variable", with: "variables", maxReplacements: 1)
      throw InvalidInput(
        file.path, because: "it holds several \(plural): \(list(fitting))",
        remedy: "say which, as in \(file.path):\(only.name)")
    }
    return only
  }

  private static func requireEntries(_ variable: NetCDFVariable, _ place: String) throws(InvalidInput) {
    guard !variable.shape.contains(0) else {
      throw InvalidInput(place, because: "it is empty (\(variable.shape.map(String.init).joined(separator: " × ")))")
    }
  }

  /// Bytes read at a time, and at most kept by NetCDF between two readings of compressed chunks.
  private static let portion = 64 << 20

  private static func fill(
    _ variable: NetCDFVariable, _ decoding: NetCDFDecoding, _ place: String, _ base: UnsafeMutablePointer<Double>,
    _ stride: Int
  ) throws(InvalidInput) {
    let (all, columns) = (variable.shape[0], variable.shape[1])
    let count = max(1, portion / (8 * columns))
    // Chunks that reach over several portions are kept until the last of them.
    var (kind, chunk) = (NC_CONTIGUOUS, [0, 0])
    if nc_inq_var_chunking(variable.group, variable.id, &kind, &chunk) == NC_NOERR, kind == NC_CHUNKED {
      nc_set_var_chunk_cache(
        variable.group, variable.id, min(8 * chunk[0] * (columns + chunk[1]), 8 * portion), 10007, 1)
    }
    for first in Swift.stride(from: 0, to: all, by: count) {
      let rows = min(count, all - first)
      let target = base + first * stride
      if let fault = try decoding.read([first, 0], [rows, columns], into: target, place) {
        let (i, j) = (first + fault.index / columns, fault.index % columns)
        throw fault.error("\(place), entry [\(i), \(j)] (counted from 0)")
      }
      guard stride != columns else { continue }
      // From the last row back to where padded rows begin.
      for i in (1..<max(rows, 1)).reversed() {
        (target + i * stride).update(from: target + i * columns, count: columns)
      }
      for i in 0..<rows { (target + i * stride + columns).update(repeating: 0, count: stride - columns) }
    }
  }
}
