import CNetCDF
import Dynamics

/// From the numbers stored in a variable to those they stand for, as its attributes say: value = `scale_factor`·stored +
/// `add_offset` in double precision, and which stored numbers stand for none.
///
/// Missing are entries equal to `_FillValue` or any `missing_value`, those outside `valid_min`, `valid_max` or
/// `valid_range`, and those never written: the type's default fill, unless the variable has a `_FillValue`, is of bytes
/// or was made without fills. `_Unsigned` says how whole numbers are to be read.
///
/// Source: CF conventions 1.11, sections 2.5.1 and 8.1; NetCDF User's Guide, Attribute Conventions.
struct NetCDFDecoding {
  /// A stored number that stands for none.
  private struct Mask {
    let reason: String
    let value: Double
    /// The bits of a whole number of 64 bits, which a double may not equal.
    let bits: UInt64?
  }

  /// Stored numbers outside stand for none.
  private struct Bounds {
    let name: String
    var low = -Double.infinity
    var high = Double.infinity
    /// Of the type of the unpacked numbers: NUG takes it for theirs, CF for that of the stored ones.
    let isAmbiguous: Bool
  }

  /// An entry that stands for no number: its place among those read, and why.
  struct Fault {
    let index: Int
    let reason: String

    /// The error that names `subject`.
    func error(_ subject: String) -> InvalidInput {
      InvalidInput(subject, because: reason, remedy: "give finite numbers, or remove the row or column")
    }
  }

  private let variable: NetCDFVariable
  private let masks: [Mask]
  private let bounds: [Bounds]
  private let scale: Double
  private let offset: Double
  private let isPacked: Bool
  /// Whole numbers of 64 bits, which are read as such.
  private let isLong: Bool
  /// Whether whole numbers are read as signed.
  private let isSigned: Bool
  /// 2ᵏ for whole numbers of k bits whose attribute `_Unsigned` contradicts their type; else 0.
  private let turn: Double

  /// What the attributes of `variable` say; `place` names it in messages. Throws `InvalidInput` for those that say nothing.
  init(_ variable: NetCDFVariable, _ place: String) throws(InvalidInput) {
    self.variable = variable
    func attribute(_ name: String) -> NetCDFAttribute? { NetCDFAttribute(variable.group, variable.id, name) }
    func unusable(_ name: String, _ reason: String, _ remedy: String) -> InvalidInput {
      InvalidInput("\(place), attribute \(name)", because: reason, remedy: remedy)
    }
    func numbers(
      _ name: String, count: ClosedRange<Int>
    ) throws(InvalidInput) -> (type: nc_type, values: [Double], bits: [UInt64])? {
      switch attribute(name) {
      case nil: return nil
      case .numbers(let type, let values, let bits):
        guard count.contains(values.count) else {
          throw unusable(name, "it has \(values.count) values", "CF asks for \(count.lowerBound)")
        }
        return (type, values, bits)
      case .text(let text):
        let shown = text.unicodeScalars.prefix(40).map { $0.value < 32 || $0.value == 127 ? "�" : String($0) }.joined()
        throw unusable(name, "it is text (\"\(shown)\")", "it must be a number of the variable's type")
      case .other: throw unusable(name, "it is no number", "it must be a number of the variable's type")
      }
    }

    // How whole numbers are to be read.
    let type = variable.type
    let widths: [nc_type: Int] = [
      NC_BYTE: 8, NC_UBYTE: 8, NC_SHORT: 16, NC_USHORT: 16, NC_INT: 32, NC_UINT: 32, NC_INT64: 64, NC_UINT64: 64,
    ]
    let width = widths[type]
    let isStoredSigned = [NC_BYTE, NC_SHORT, NC_INT, NC_INT64].contains(type)
    var isSigned = isStoredSigned
    if width != nil, let unsigned = attribute("_Unsigned") {
      guard case .text(let text) = unsigned, ["true", "false"].contains(text.lowercased()) else {
        throw unusable("_Unsigned", "it is neither \"true\" nor \"false\"", "it must be one of these")
      }
      isSigned = text.lowercased() == "false"
    }
    self.isSigned = isSigned
    isLong = width == 64
    turn = width.map { isSigned == isStoredSigned ? 0 : Double(sign: .plus, exponent: $0, significand: 1) } ?? 0
    let turn = self.turn
    /// A stored number, or one that an attribute states, as it is to be read.
    func turned(_ value: Double) -> Double {
      guard turn > 0 else { return value }
      return isSigned ? (value >= turn / 2 ? value - turn : value) : value < 0 ? value + turn : value
    }

    // Packing.
    let scaling = try numbers("scale_factor", count: 1...1)
    let shift = try numbers("add_offset", count: 1...1)
    scale = scaling?.values[0] ?? 1
    offset = shift?.values[0] ?? 0
    isPacked = scaling != nil || shift != nil
    guard scale.isFinite, scale != 0 else {
      throw unusable("scale_factor", "it is \(scale)", "a finite number other than 0 unpacks")
    }
    guard offset.isFinite else { throw unusable("add_offset", "it is \(offset)", "a finite number unpacks") }

    // What is missing.
    var masks: [Mask] = []
    for name in ["_FillValue", "missing_value"] {
      guard let found = try numbers(name, count: 0...Int.max) else { continue }
      for (k, value) in found.values.enumerated() {
        let isSame = found.type == type
        // What a number of another type equals when it is turned into the variable's is meant, too.
        let values = type == NC_FLOAT ? [value, Double(Float(value))] : [turned(value)]
        let bits: UInt64? =
          !isLong
          ? nil
          : found.type == NC_INT64 || found.type == NC_UINT64
            ? found.bits[k] : Int64(exactly: value).map { UInt64(bitPattern: $0) } ?? UInt64(exactly: value)
        let reason = "it is missing (it equals \(name), \(Self.text(value, isSame ? bits : nil, isSigned)))"
        masks += values.map { Mask(reason: reason, value: $0, bits: bits) }
      }
    }
    if attribute("_FillValue") == nil, let fill = Self.defaultFill(variable) {
      let reason =
        "it is missing (never written: NetCDF's default fill, \(Self.text(fill.value, fill.bits, isStoredSigned)))"
      masks.append(Mask(reason: reason, value: turned(fill.value), bits: fill.bits))
    }
    self.masks = masks

    // What is valid.
    let unpackedType: nc_type? = [scaling?.type, shift?.type].compactMap { $0 }.max {
      ($0 == NC_DOUBLE ? 2 : $0 == NC_FLOAT ? 1 : 0) < ($1 == NC_DOUBLE ? 2 : $1 == NC_FLOAT ? 1 : 0)
    }
    var bounds: [Bounds] = []
    for (name, count) in [("valid_min", 1), ("valid_max", 1), ("valid_range", 2)] {
      guard let found = try numbers(name, count: count...count) else { continue }
      guard !found.values.contains(where: \.isNaN) else {
        throw unusable(name, "it is not a number", "it must be a number of the variable's type")
      }
      let values = found.values.map(turned)
      var bound = Bounds(name: name, isAmbiguous: found.type != type && found.type == unpackedType)
      if name != "valid_max" { bound.low = values[0] }
      if name != "valid_min" { bound.high = values[count - 1] }
      bounds.append(bound)
    }
    self.bounds = bounds
  }

  /// What the library fills entries of the type with that are never written; nil where it does not, and for bytes, all of
  /// whose values are of use.
  private static func defaultFill(_ variable: NetCDFVariable) -> (value: Double, bits: UInt64?)? {
    var isUnfilled: CInt = 0
    guard nc_inq_var_fill(variable.group, variable.id, &isUnfilled, nil) != NC_NOERR || isUnfilled == 0 else {
      return nil
    }
    switch variable.type {
    case NC_SHORT: return (-32767, nil)
    case NC_USHORT: return (65535, nil)
    case NC_INT: return (-2_147_483_647, nil)
    case NC_UINT: return (4_294_967_295, nil)
    case NC_INT64: return (-0x1p63, UInt64(bitPattern: -9_223_372_036_854_775_806))
    case NC_UINT64: return (0x1p64, 18_446_744_073_709_551_614)
    case NC_FLOAT, NC_DOUBLE: return (0x1.ep122, nil)
    default: return nil
    }
  }

  private static func text(_ value: Double, _ bits: UInt64?, _ isSigned: Bool) -> String {
    if let bits { return isSigned ? "\(Int64(bitPattern: bits))" : "\(bits)" }
    return Int(exactly: value).map { abs($0) < 1 << 53 ? "\($0)" : "\(value)" } ?? "\(value)"
  }

  /// Reads the entries from `start` on, `count` along each dimension, row by row into `target`, and decodes them.
  ///
  /// Returns the first that stands for no number; entries that are not finite are left to the caller. Throws
  /// `InvalidInput` when the file cannot be read.
  func read(
    _ start: [Int], _ count: [Int], into target: UnsafeMutablePointer<Double>, _ place: String
  ) throws(InvalidInput) -> Fault? {
    let total = count.reduce(1, *)
    let (group, id) = (variable.group, variable.id)
    let code: CInt =
      if isLong {
        target.withMemoryRebound(to: Int64.self, capacity: total) { words in
          let place = UnsafeMutableRawPointer(words)
          return variable.type == NC_INT64
            ? nc_get_vara_longlong(group, id, start, count, place.assumingMemoryBound(to: CLongLong.self))
            : nc_get_vara_ulonglong(group, id, start, count, place.assumingMemoryBound(to: CUnsignedLongLong.self))
        }
      } else {
        nc_get_vara_double(group, id, start, count, target)
      }
    guard code == NC_NOERR else {
      throw InvalidInput(
        place, because: "reading it failed: \(String(cString: nc_strerror(code)))",
        remedy: "copy or write the file anew")
    }
    for index in 0..<total {
      let value: Double
      if isLong {
        let bits = target[index].bitPattern
        if let mask = masks.first(where: { $0.bits == bits }) { return Fault(index: index, reason: mask.reason) }
        guard let exact = isSigned ? Double(exactly: Int64(bitPattern: bits)) : Double(exactly: bits) else {
          let number = isSigned ? "\(Int64(bitPattern: bits))" : "\(bits)"
          return Fault(index: index, reason: "no double equals the whole number \(number)")
        }
        value = exact
      } else {
        value =
          isSigned
          ? (turn > 0 && target[index] >= turn / 2 ? target[index] - turn : target[index])
          : target[index] < 0 ? target[index] + turn : target[index]
        for mask in masks where value == mask.value || value.isNaN && mask.value.isNaN {
          return Fault(index: index, reason: mask.reason)
        }
      }
      let unpacked = isPacked ? value * scale + offset : value
      for bound in bounds {
        let isOutside = value < bound.low || value > bound.high
        let isUnpackedOutside = bound.isAmbiguous && (unpacked < bound.low || unpacked > bound.high)
        guard isOutside || isUnpackedOutside else { continue }
        let doubt =
          bound.isAmbiguous && isOutside != isUnpackedOutside
          ? "; \(bound.name) is stated in another type than the stored numbers': it may mean unpacked ones" : ""
        return Fault(
          index: index,
          reason:
            "it is missing (\(Self.text(isOutside ? value : unpacked, nil, true)) is outside \(bound.name)\(doubt))")
      }
      target[index] = unpacked
    }
    return nil
  }
}
