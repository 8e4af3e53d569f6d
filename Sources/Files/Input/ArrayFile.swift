import Dynamics

/// A file that a matrix or a vector is read from, told by its content: text, a NumPy file or archive, or something gzipped.
/// `FILE:NAME` names one of several arrays in it.
///
/// What another reader decodes (NetCDF, HDF5) is told by `format`.
package final class ArrayFile {
  /// The file.
  package let path: String
  /// The array in it, when one is named.
  package let name: String?
  /// What it is or, gzipped, what it holds.
  package let format: FileFormat
  /// As messages name it: the file, and the array when one is named.
  package var place: String { name.map { "\(path):\($0)" } ?? path }
  private let file: FileStream
  private let reader: any ByteReader

  /// Opens what `argument` names, a file or `FILE:NAME`. Throws `InvalidInput` when there is no such file.
  package init(_ argument: String) throws(InvalidInput) {
    (path, name) = Self.split(argument)
    file = try FileStream(path)
    (format, reader) = try InputFile.contents(of: file)
  }

  /// The file, and what stands behind the colon: a file of the whole name comes first, then the longest one that exists.
  private static func split(_ argument: String) -> (String, String?) {
    if InputFile.exists(argument) { return (argument, nil) }
    let colons = argument.indices.filter { argument[$0] == ":" }.reversed()
    let parts = colons.map { (String(argument[..<$0]), String(argument[argument.index(after: $0)...])) }
    if let found = parts.first(where: { InputFile.exists($0.0) }) { return found }
    // None is there: what looks like the name of a file is said to be missing.
    return parts.first { $0.0.split(separator: "/").last?.contains(".") == true } ?? (argument, nil)
  }

  /// The bytes of the file, unpacked; nil for a plain file on a disk, which others can open themselves. Throws
  /// `InvalidInput` when they do not fit into half of the memory.
  package func unpacked() throws(InvalidInput) -> [UInt8]? {
    guard file.format == .gzip || file.size == nil else { return nil }
    return try reader.all(upTo: InputFile.memory / 2)
  }

  /// The vector: one value a line, or an array of one dimension, or of one column. Throws `InvalidInput`.
  package func column() throws(InvalidInput) -> [Double] {
    if format.isText { return try vector().cells }
    return try array(
      "array of one dimension", where: { $0.count == 1 }, orElse: { $0.count == 2 && $0[1] == 1 }
    ).column()
  }

  /// The table in a file of text, which need not have a row of names. Throws `InvalidInput`.
  package func table(_ format: TableFormat = TableFormat()) throws(InvalidInput) -> NumericTable {
    try NumericTable(bytes: text(), path: path, header: false, format: format)
  }

  /// The vector in a file of text, as a table of one column. Throws `InvalidInput`.
  package func vector(_ format: TableFormat = TableFormat()) throws(InvalidInput) -> NumericTable {
    try table(format.ofVectors).vector(path, format)
  }

  private func text() throws(InvalidInput) -> [UInt8] {
    if name != nil { throw unnamed }
    return try reader.all(upTo: file.format == .gzip ? InputFile.memory / 8 : .max)
  }

  /// The array that is named or, without a name, the only one whose shape `isWanted`, or else `isTaken`; `what` says in messages
  /// which. Throws `InvalidInput`.
  package func array(
    _ what: String, where isWanted: ([Int]) -> Bool, orElse isTaken: ([Int]) -> Bool
  ) throws(InvalidInput) -> NPYFile {
    switch format {
    case .npy:
      if name != nil { throw unnamed }
      // On a disk as it is, it can be mapped.
      return file.format == .npy && file.size != nil ? try NPYFile(contentsOf: path) : try NPYFile(reader)
    case .npz where file.format == .npz:
      guard file.size != nil else {
        throw InvalidInput(
          path, because: "it is a zip archive, whose directory is at its end: a pipe is not enough",
          remedy: "give a file on a disk")
      }
      return try NPZFile(path).array(name, what, where: isWanted, orElse: isTaken)
    default: throw InputFile.refusal(file, holding: format)
    }
  }

  private var unnamed: InvalidInput {
    InvalidInput(
      place, because: "arrays have no names in \(format == .npy ? "a NumPy file" : "a table")", remedy: "give \(path)")
  }
}
