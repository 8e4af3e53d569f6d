import CNetCDF

/// A variable of an open NetCDF file, in whichever group.
struct NetCDFVariable {
  /// The group that it is in, and its number there.
  let group: CInt
  let id: CInt
  /// Its name, behind those of its groups: `GROUP/NAME`.
  let name: String
  let type: nc_type
  let shape: [Int]
  /// Whether it places others rather than being data: it is named as its dimension, or another one's attributes name it.
  var isCoordinate: Bool

  /// Its shape as Python writes it.
  var shapeText: String {
    "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
  }

  /// The names of its dimensions, slowest first.
  var dimensionNames: [String] {
    var ids = [CInt](repeating: 0, count: shape.count)
    nc_inq_vardimid(group, id, &ids)
    return ids.map { id in Self.text { nc_inq_dimname(group, id, $0) } }
  }

  /// All variables, those of the root first, then group by group.
  static func all(in root: CInt) -> [NetCDFVariable] {
    var found: [NetCDFVariable] = []
    collect(root, "", 0, &found)
    return found
  }

  private static func collect(_ group: CInt, _ prefix: String, _ depth: Int, _ found: inout [NetCDFVariable]) {
    var count: CInt = 0
    nc_inq_nvars(group, &count)
    var here: [NetCDFVariable] = []
    var coordinates: Set<String> = []
    for id in 0..<count {
      var (type, dimensions): (nc_type, CInt) = (0, 0)
      var name = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
      guard nc_inq_var(group, id, &name, &type, &dimensions, nil, nil) == NC_NOERR else { continue }
      var ids = [CInt](repeating: 0, count: Int(dimensions))
      nc_inq_vardimid(group, id, &ids)
      let shape = ids.map { id in
        var extent = 0
        nc_inq_dimlen(group, id, &extent)
        return extent
      }
      let isAxis =
        ids.count == 1 && text { nc_inq_dimname(group, ids[0], $0) } == string(name)
      here.append(
        NetCDFVariable(
          group: group, id: id, name: prefix + string(name), type: type, shape: shape, isCoordinate: isAxis))
      for attribute in ["coordinates", "bounds"] {
        guard case .text(let names) = NetCDFAttribute(group, id, attribute) else { continue }
        coordinates.formUnion(names.split(separator: " ").map { prefix + $0 })
      }
    }
    if case .text(let names) = NetCDFAttribute(group, NC_GLOBAL, "coordinates") {
      coordinates.formUnion(names.split(separator: " ").map { prefix + $0 })
    }
    for index in here.indices where coordinates.contains(here[index].name) { here[index].isCoordinate = true }
    found += here
    var groups: CInt = 0
    // Links may lead round in circles.
    guard depth < 32, nc_inq_grps(group, &groups, nil) == NC_NOERR, groups > 0 else { return }
    var ids = [CInt](repeating: 0, count: Int(groups))
    nc_inq_grps(group, nil, &ids)
    for id in ids { collect(id, prefix + text { nc_inq_grpname(id, $0) } + "/", depth + 1, &found) }
  }

  /// What its entries are, when they are no real numbers.
  var unreadableType: String? {
    switch type {
    case NC_BYTE, NC_UBYTE, NC_SHORT, NC_USHORT, NC_INT, NC_UINT, NC_INT64, NC_UINT64, NC_FLOAT, NC_DOUBLE: return nil
    case NC_CHAR: return "characters"
    case NC_STRING: return "strings"
    default:
      var kind: CInt = 0
      let name = Self.text { nc_inq_user_type(group, type, $0, nil, nil, nil, &kind) }
      switch kind {
      case CInt(NC_COMPOUND): return "records of several fields (the compound type \(name))"
      case CInt(NC_ENUM): return "names of values (the enumeration \(name))"
      case CInt(NC_VLEN): return "lists of varying lengths (the type \(name))"
      case CInt(NC_OPAQUE): return "opaque bytes (the type \(name))"
      default: return "of an unknown type"
      }
    }
  }

  /// A name that the library writes.
  private static func text(_ write: (UnsafeMutablePointer<CChar>) -> CInt) -> String {
    var name = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
    let code = name.withUnsafeMutableBufferPointer { $0.baseAddress.map(write) ?? NC_NOERR }
    return code == NC_NOERR ? string(name) : ""
  }

  private static func string(_ name: [CChar]) -> String {
    String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
