import CNetCDF
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// NetCDF-4 files: compressed, with attributes, readable by xarray.
public enum NetCDFFile {
  /// The version of the library.
  public static var libraryVersion: String {
    let text = nc_inq_libvers().map { String(cString: $0) } ?? "unknown"
    return text.split(separator: " ").first.map(String.init) ?? text
  }

  /// Writes `dataset` to `path` through a temporary name. Throws `ExportError`. Complexity: O(entries) time and memory.
  ///
  /// The file is composed in memory and its bytes written by us: HDF5 crashes the process when the disk fills up under
  /// it (seen with 1.10.8), while our own writing reports a clean error.
  public static func write(_ dataset: ArrayDataset, to path: String) throws(ExportError) {
    let image = try library.withLock { _ throws(ExportError) in try compose(dataset, path) }
    defer { free(image.memory) }
    let bytes = UnsafeRawBufferPointer(start: image.memory, count: image.size)
    try OutputFile.write(path) { temporary throws(ExportError) in
      let writer = try FileWriter(temporary)
      writer.put(bytes)
      try writer.close()
    }
  }

  /// Held around every call: neither NetCDF nor HDF5 may be entered by two threads at once.
  package static let library = Mutex<Void>(())

  private static func compose(_ dataset: ArrayDataset, _ path: String) throws(ExportError) -> NC_memio {
    var id: CInt = 0
    try check(nc_create_mem("memory", NC_NETCDF4, 1 << 20, &id), path, "composing it")
    do throws(ExportError) {
      try fill(id, dataset, path)
    } catch {
      nc_abort(id)
      throw error
    }
    var image = NC_memio()
    try check(nc_close_memio(id, &image), path, "composing it")
    return image
  }

  private static func fill(_ file: CInt, _ dataset: ArrayDataset, _ path: String) throws(ExportError) {
    var dimensionIDs: [String: CInt] = [:]
    for (name, count) in dataset.dimensions {
      var id: CInt = 0
      try check(nc_def_dim(file, name, count, &id), path, "dimension \(name)")
      dimensionIDs[name] = id
    }
    for (name, value) in dataset.attributes {
      try put(value, name, file, NC_GLOBAL, path)
    }
    var variableIDs: [CInt] = []
    for array in dataset.arrays {
      var id: CInt = 0
      var dimensions: [CInt] = []
      var count = 1
      for name in array.dimensions {
        guard let dimension = dimensionIDs[name] else {
          throw ExportError(.failed, path, "variable \(array.name) uses the unknown dimension \(name)")
        }
        dimensions.append(dimension)
        count *= dataset.dimensions.first { $0.name == name }?.count ?? 0
      }
      guard count == array.values.count else {
        throw ExportError(
          .failed, path, "variable \(array.name) has \(array.values.count) entries where its dimensions hold \(count)")
      }
      let type: CInt =
        switch array.values {
        case .reals: NC_DOUBLE
        case .integers: NC_INT64
        case .unsigned: NC_UINT64
        case .strings: NC_STRING
        }
      try check(
        nc_def_var(file, array.name, type, CInt(dimensions.count), &dimensions, &id), path, "variable \(array.name)")
      if !dimensions.isEmpty, count > 0, type != NC_STRING {
        try check(nc_def_var_deflate(file, id, 1, 1, 4), path, "compressing \(array.name)")
      }
      for (name, value) in array.attributes {
        try put(value, name, file, id, path)
      }
      variableIDs.append(id)
    }
    try check(nc_enddef(file), path, "writing its header")
    for (array, id) in zip(dataset.arrays, variableIDs) where array.values.count > 0 {
      let code: CInt
      switch array.values {
      case .reals(let values):
        code = nc_put_var_double(file, id, values)
      case .integers(let values):
        code = nc_put_var_longlong(file, id, values.map(Int64.init))
      case .unsigned(let values):
        code = nc_put_var_ulonglong(file, id, values)
      case .strings(let values):
        code = withCStrings(values) { nc_put_var_string(file, id, $0) }
      }
      try check(code, path, "writing \(array.name)")
    }
  }

  private static func put(
    _ value: AttributeValue, _ name: String, _ file: CInt, _ variable: CInt, _ path: String
  ) throws(ExportError) {
    let code: CInt
    switch value {
    case .text(let text):
      code = nc_put_att_text(file, variable, name, text.utf8.count, text)
    case .number(var number):
      code = nc_put_att_double(file, variable, name, NC_DOUBLE, 1, &number)
    case .integer(let number):
      var wide = Int64(number)
      code = nc_put_att_longlong(file, variable, name, NC_INT64, 1, &wide)
    }
    try check(code, path, "attribute \(name)")
  }

  private static func withCStrings(_ strings: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> CInt)
    -> CInt
  {
    // One block of bytes for all, so that nothing needs freeing one by one.
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
      offsets.append(bytes.count)
      bytes.append(contentsOf: string.utf8.map(CChar.init(bitPattern:)))
      bytes.append(0)
    }
    return bytes.withUnsafeBufferPointer { buffer in
      var pointers = offsets.map { buffer.baseAddress?.advanced(by: $0) }
      return pointers.withUnsafeMutableBufferPointer { list in
        list.baseAddress.map(body) ?? NC_NOERR
      }
    }
  }

  private static func check(_ code: CInt, _ path: String, _ what: String) throws(ExportError) {
    guard code != NC_NOERR else { return }
    throw ExportError(.failed, path, "\(what) failed: \(String(cString: nc_strerror(code)))")
  }
}
