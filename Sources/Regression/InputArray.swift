import Dynamics
import Files
import LinearAlgebra

/// Matrices and vectors in files of every kind that is read, told by what is in them: text, NumPy files and archives,
/// NetCDF, HDF5, and most of these gzipped. An argument is a file, or `FILE:NAME` where it holds several arrays.
package enum InputArray {
  /// The matrix that `argument` names: samples × features. Throws `InvalidInput` for whatever is no finite matrix of real numbers.
  package static func matrix(_ argument: String) throws(InvalidInput) -> DesignMatrix {
    try matrix(of: ArrayFile(argument))
  }

  /// The matrix in a file that is open. Throws likewise.
  package static func matrix(of file: ArrayFile) throws(InvalidInput) -> DesignMatrix {
    guard file.isNetCDF else { return try file.matrix() }
    return try NetCDFInput.matrix(file) { (rows, columns, place, fill) throws(InvalidInput) in
      try DesignMatrix(rows: rows, columns: columns, from: place, filling: fill)
    }
  }

  /// The vector that `argument` names. Throws `InvalidInput` for whatever is no finite vector of real numbers.
  package static func column(_ argument: String) throws(InvalidInput) -> [Double] {
    try column(of: ArrayFile(argument))
  }

  private static func column(of file: ArrayFile) throws(InvalidInput) -> [Double] {
    file.isNetCDF ? try NetCDFInput.column(file) : try file.column()
  }

  /// The vector that `argument` names, NaN where a value is missing and `format` allows that, and the indices of these. Adds to
  /// `notes` how a file of text was read. Throws as `column`.
  package static func vector(
    _ argument: String, _ format: TableFormat, notes: inout [Message]
  ) throws(InvalidInput) -> (values: [Double], incompleteRows: [Int]) {
    let file = try ArrayFile(argument)
    guard file.format.isText else { return (try column(of: file), []) }
    let table = try file.vector(format)
    notes += table.notes
    return (table.cells, table.incompleteRows)
  }

  /// The vector that `argument` names, complete. Throws as `column`.
  package static func column(
    _ argument: String, _ format: TableFormat, notes: inout [Message]
  ) throws(InvalidInput) -> [Double] {
    var whole = format
    whole.missing = .refuse
    return try vector(argument, whole, notes: &notes).values
  }

  /// The vector that `argument` names, if any. Throws as `column`.
  package static func column(
    ifGiven argument: String?, _ format: TableFormat, notes: inout [Message]
  ) throws(InvalidInput) -> [Double]? {
    guard let argument else { return nil }
    return try column(argument, format, notes: &notes)
  }
}

extension ArrayFile {
  /// Whether the NetCDF library reads it: NetCDF of every kind, HDF5, and MATLAB's HDF5.
  fileprivate var isNetCDF: Bool { [.netCDF, .hdf5, .matlab7].contains(format) }
}
