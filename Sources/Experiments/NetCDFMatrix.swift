import CNetCDF
import DiagonalNetworks
import Dynamics
import Export

/// A design matrix in a NetCDF file: its only variable of two dimensions, or the one named as in `X.nc:NAME`.
///
/// NetCDF decodes (byte order, compression, chunks), so that the numbers are read, straight into the one matrix in memory.
enum NetCDFMatrix {
  /// Whether `argument` is a NetCDF file, with or without the name of a variable.
  static func isNamed(by argument: String) -> Bool { argument.hasSuffix(".nc") || argument.contains(".nc:") }

  /// Reads it. Throws `InvalidInput` for whatever is no finite matrix of real numbers.
  static func read(_ argument: String) throws(InvalidInput) -> DesignMatrix {
    var (path, name): (String, String?) = (argument, nil)
    if !argument.hasSuffix(".nc"), let mark = argument.firstRange(of: ".nc:") {
      path = String(argument[..<argument.index(before: mark.upperBound)])
      name = String(argument[mark.upperBound...])
    }
    try InputFile.check(path)
    return try NetCDFFile.library.withLock { _ throws(InvalidInput) in
      var file: CInt = 0
      let code = nc_open(path, NC_NOWRITE, &file)
      guard code == NC_NOERR else {
        throw InvalidInput(
          path, because: "NetCDF cannot open it: \(String(cString: nc_strerror(code)))",
          remedy: "give a NetCDF file, such as xarray's to_netcdf writes")
      }
      defer { nc_close(file) }
      return try matrix(file, path, name)
    }
  }

  private struct Variable {
    let id: CInt
    let name: String
    let rows: Int
    let columns: Int
  }

  private static func matrix(_ file: CInt, _ path: String, _ name: String?) throws(InvalidInput) -> DesignMatrix {
    let found = candidates(file)
    let names = found.map(\.name).joined(separator: ", ")
    let variable: Variable
    if let name {
      guard let named = found.first(where: { $0.name == name }) else {
        throw InvalidInput(
          "\(path):\(name)", because: "the file has no numeric variable of that name with two dimensions",
          remedy: found.isEmpty ? "it has none at all" : "it has \(names)")
      }
      variable = named
    } else {
      guard let only = found.first else {
        throw InvalidInput(
          path, because: "it holds no numeric variable of two dimensions",
          remedy: "one of samples × features is needed, at the top of the file")
      }
      guard found.count == 1 else {
        throw InvalidInput(
          path, because: "it holds several variables of two dimensions: \(names)",
          remedy: "say which, as in \(path):\(only.name)")
      }
      variable = only
    }
    let place = "\(path):\(variable.name)"
    guard variable.rows > 0, variable.columns > 0 else {
      throw InvalidInput(place, because: "it is empty (\(variable.rows) × \(variable.columns))")
    }
    for attribute in ["scale_factor", "add_offset"] where nc_inq_attid(file, variable.id, attribute, nil) == NC_NOERR {
      throw InvalidInput(
        place, because: "its numbers are packed (\(attribute))", remedy: "write it unpacked, as float64")
    }
    var fill = Double.nan
    if nc_get_att_double(file, variable.id, "_FillValue", &fill) != NC_NOERR { fill = NC_FILL_DOUBLE }
    return try DesignMatrix(rows: variable.rows, columns: variable.columns, from: place) {
      (base, stride) throws(InvalidInput) in
      try fillRows(file, variable, place, fill, base, stride)
    }
  }

  private static func candidates(_ file: CInt) -> [Variable] {
    var count: CInt = 0
    nc_inq_nvars(file, &count)
    return (0..<count).compactMap { id in
      var (type, dimensions): (nc_type, CInt) = (0, 0)
      var name = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
      guard nc_inq_var(file, id, &name, &type, &dimensions, nil, nil) == NC_NOERR, dimensions == 2,
        type != NC_CHAR, type < NC_STRING
      else { return nil }
      var ids: [CInt] = [0, 0]
      var extents = [0, 0]
      nc_inq_vardimid(file, id, &ids)
      for k in 0..<2 { nc_inq_dimlen(file, ids[k], &extents[k]) }
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return Variable(id: id, name: text, rows: extents[0], columns: extents[1])
    }
  }

  /// Bytes read at a time, and at most kept by NetCDF between two readings of compressed chunks.
  private static let portion = 64 << 20

  private static func fillRows(
    _ file: CInt, _ variable: Variable, _ place: String, _ fill: Double, _ base: UnsafeMutablePointer<Double>,
    _ stride: Int
  ) throws(InvalidInput) {
    let columns = variable.columns
    let count = max(1, portion / (8 * columns))
    // Chunks that reach over several portions are kept until the last of them.
    var (kind, chunk) = (NC_CONTIGUOUS, [0, 0])
    if nc_inq_var_chunking(file, variable.id, &kind, &chunk) == NC_NOERR, kind == NC_CHUNKED {
      nc_set_var_chunk_cache(file, variable.id, min(8 * chunk[0] * (columns + chunk[1]), 8 * portion), 10007, 1)
    }
    for first in Swift.stride(from: 0, to: variable.rows, by: count) {
      let rows = min(count, variable.rows - first)
      let target = base + first * stride
      let code = nc_get_vara_double(file, variable.id, [first, 0], [rows, columns], target)
      guard code == NC_NOERR else {
        throw InvalidInput(
          place, because: "reading it failed: \(String(cString: nc_strerror(code)))",
          remedy: "copy or write the file anew")
      }
      for i in (0..<rows).reversed() {
        // Missing values are not numbers; they must not be taken for large ones.
        let row = target + i * columns
        if let j = (0..<columns).first(where: { row[$0] == fill }) {
          throw InvalidInput(
            "\(place), entry [\(first + i), \(j)] (counted from 0)", because: "it is missing (the fill value \(fill))",
            remedy: "give finite numbers, or remove the row or column")
        }
        // From the last row back to where padded rows begin.
        guard stride != columns, i > 0 else { continue }
        (target + i * stride).update(from: row, count: columns)
      }
      guard stride != columns else { continue }
      for i in 0..<rows { (target + i * stride + columns).update(repeating: 0, count: stride - columns) }
    }
  }
}
