import Dynamics

/// What a file is, told by its bytes and never by its name. The raw value names it in messages.
package enum FileFormat: String, Sendable, CaseIterable {
  /// UTF-8, ASCII or an 8-bit encoding such as Latin-1: no more than one byte in 16 is a control character.
  case text = "text"
  case utf16LittleEndian = "text in UTF-16 (little-endian)"
  case utf16BigEndian = "text in UTF-16 (big-endian)"
  case utf32 = "text in UTF-32"
  case html = "an HTML page"
  case gitPointer = "a Git LFS pointer, not the file itself"
  case matrixMarket = "a Matrix Market file"

  case npy = "a NumPy file"
  case npz = "a NumPy archive (zip)"
  case netCDF = "a NetCDF file"
  case hdf5 = "an HDF5 file"

  case gzip = "a gzip file"
  case zip = "a zip archive"
  case xz = "an xz file"
  case zstd = "a Zstandard file"
  case bzip2 = "a bzip2 file"
  case lz4 = "an LZ4 file"
  case sevenZip = "a 7-Zip archive"
  case compress = "a file packed by compress"
  case tar = "a tar archive"

  case excel = "an Excel workbook (zip)"
  case openDocument = "an OpenDocument file (zip)"
  case office = "an Office document (zip)"
  case oldOffice = "an Excel workbook or other Office file of the old kind (OLE)"
  case torch = "a PyTorch file (zip)"
  case parquet = "a Parquet file"
  case arrow = "an Arrow or Feather file"
  case rData = "an R workspace (RData)"
  case rds = "an R object (RDS)"
  case matlab4 = "a MATLAB file (version 4)"
  case matlab5 = "a MATLAB file (version 5)"
  case matlab7 = "a MATLAB file (version 7.3)"
  case stata = "a Stata file"
  case spss = "an SPSS file"
  case sas = "a SAS file"
  case fits = "a FITS file"
  case grib = "a GRIB file"
  case pickle = "a Python pickle"
  case bytecode = "Python bytecode"
  case sqlite = "an SQLite database"

  case png = "a PNG image"
  case jpeg = "a JPEG image"
  case gif = "a GIF image"
  case tiff = "a TIFF image"
  case pdf = "a PDF document"
  case elf = "an ELF binary"

  case unknown = "a binary file of an unknown kind"

  /// As many bytes of the beginning, and of the end, are looked at.
  package static let reach = 1 << 16

  /// Whether its bytes are characters that a table may be made of.
  package var isText: Bool {
    switch self {
    case .text, .utf16LittleEndian, .utf16BigEndian, .utf32: true
    default: false
    }
  }

  /// Whether numbers in it are read, if it holds some: as a table, or as an array.
  package var isReadable: Bool {
    switch self {
    case .npy, .npz, .netCDF, .hdf5, .matlab7, .gzip, .zip: true
    default: isText
    }
  }

  /// What its owner can do to have it read.
  package var remedy: Message {
    switch self {
    case .xz: "unpack it with xz -d"
    case .zstd: "unpack it with zstd -d"
    case .bzip2: "unpack it with bunzip2"
    case .lz4: "unpack it with lz4 -d"
    case .compress: "unpack it with uncompress"
    case .zip, .sevenZip, .tar: "unpack it, and give the file inside it"
    case .excel, .openDocument, .oldOffice: "save the sheet as CSV"
    case .parquet, .arrow, .pickle, .stata, .spss, .sas, .sqlite:
      "save the table as CSV, for example with pandas' to_csv(FILE, index=False)"
    case .rData, .rds: "save the table as CSV: write.csv(x, FILE, row.names = FALSE)"
    case .matlab4, .matlab5: "save the matrix as CSV with writematrix(X, FILE), or with -v7.3"
    case .torch: "save the array with numpy.save(FILE, x.numpy())"
    case .html: "download the file itself, not the page that shows it"
    case .gitPointer: "fetch the file with git lfs pull"
    case .npy, .npz, .netCDF, .hdf5, .matlab7: "arrays are read by \(.design) and \(.response)"
    default: "give numbers as CSV, NumPy's .npy or .npz, or NetCDF"
    }
  }
}
