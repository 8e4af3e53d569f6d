import DiagonalNetworks
import Dynamics

/// Matrices and vectors in files of every kind that is read, told by what is in them: text, NumPy files and archives,
/// NetCDF, HDF5, and most of these gzipped. An argument is a file, or `FILE:NAME` where it holds several arrays.
package enum InputArray {
  /// The matrix that `argument` names: samples × features. Throws `InvalidInput` for whatever is no finite matrix of real numbers.
  package static func matrix(_ argument: String) throws(InvalidInput) -> DesignMatrix {
    let file = try ArrayFile(argument)
    return file.isNetCDF ? try NetCDFInput.matrix(file) : try file.matrix()
  }

  /// The vector that `argument` names. Throws `InvalidInput` for whatever is no finite vector of real numbers.
  package static func column(_ argument: String) throws(InvalidInput) -> [Double] {
    let file = try ArrayFile(argument)
    return file.isNetCDF ? try NetCDFInput.column(file) : try file.column()
  }

  /// The vector that `argument` names, if any. Throws as `column`.
  package static func column(ifGiven argument: String?) throws(InvalidInput) -> [Double]? {
    guard let argument else { return nil }
    return try column(argument)
  }
}

extension ArrayFile {
  /// Whether the NetCDF library reads it: NetCDF of every kind, HDF5, and MATLAB's HDF5.
  fileprivate var isNetCDF: Bool { [.netCDF, .hdf5, .matlab7].contains(format) }
}
