import CNetCDF

/// An attribute of a NetCDF variable.
enum NetCDFAttribute {
  case text(String)
  /// Its type, its numbers, and whole ones of 64 bits exactly, as their bits.
  case numbers(nc_type, [Double], bits: [UInt64])
  /// A type of the file's own.
  case other

  /// The attribute `name` of variable `id` in `group`; nil when there is none.
  init?(_ group: CInt, _ id: CInt, _ name: String) {
    var (type, length): (nc_type, Int) = (0, 0)
    guard nc_inq_att(group, id, name, &type, &length) == NC_NOERR else { return nil }
    switch type {
    case NC_CHAR:
      var bytes = [CChar](repeating: 0, count: length + 1)
      nc_get_att_text(group, id, name, &bytes)
      self = .text(String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    case NC_STRING:
      var strings = [UnsafeMutablePointer<CChar>?](repeating: nil, count: length)
      nc_get_att_string(group, id, name, &strings)
      self = .text(strings.compactMap { $0.map { String(cString: $0) } }.joined(separator: " "))
      nc_free_string(length, &strings)
    case NC_BYTE, NC_UBYTE, NC_SHORT, NC_USHORT, NC_INT, NC_UINT, NC_FLOAT, NC_DOUBLE, NC_INT64, NC_UINT64:
      var numbers = [Double](repeating: .nan, count: length)
      nc_get_att_double(group, id, name, &numbers)
      var bits = [UInt64](repeating: 0, count: length)
      if type == NC_INT64 {
        var whole = [CLongLong](repeating: 0, count: length)
        nc_get_att_longlong(group, id, name, &whole)
        bits = whole.map { UInt64(bitPattern: $0) }
      } else if type == NC_UINT64 {
        nc_get_att_ulonglong(group, id, name, &bits)
      }
      self = .numbers(type, numbers, bits: bits)
    default: self = .other
    }
  }
}
