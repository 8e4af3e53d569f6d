import Dynamics

/// How a table of text is to be read, as far as its owner says; whatever is nil is found in the file itself, or the file is
/// refused when it allows several readings.
public struct TableFormat: Sendable, Equatable, Codable {
  /// The column of row names, by its name or as `first`; it is left out.
  public var index: String?
  /// The columns to leave out, each by its name, or several names separated by commas.
  public var drop: [String]
  /// What separates cells.
  public var delimiter: Delimiter?
  /// What stands before decimals.
  public var decimal: DecimalMark?
  /// What becomes of missing values.
  public var missing: MissingValues
  /// Whether the first row of a matrix or a vector holds names. Tables with named columns always have such a row.
  public var header: Bool?

  /// A format from its parts; without any, everything is found in the file.
  public init(
    index: String? = nil, drop: [String] = [], delimiter: Delimiter? = nil, decimal: DecimalMark? = nil,
    missing: MissingValues = .refuse, header: Bool? = nil
  ) {
    self.index = index
    self.drop = drop
    self.delimiter = delimiter
    self.decimal = decimal
    self.missing = missing
    self.header = header
  }

  /// What holds of the vectors beside a matrix of this format: columns are the matrix's own.
  var ofVectors: TableFormat {
    TableFormat(delimiter: delimiter, decimal: decimal, missing: missing, header: header)
  }

  /// The settings that say it; empty where nothing is said.
  public var options: [Message] {
    var options: [Message] = []
    if let index { options.append("\(.index, index)") }
    if !drop.isEmpty { options.append("\(.drop, drop.joined(separator: ","))") }
    if let delimiter { options.append("\(.delimiter, delimiter.rawValue)") }
    if let decimal { options.append("\(.decimal, decimal.rawValue)") }
    if missing != .refuse { options.append("\(.missing, missing.rawValue)") }
    if let header { options.append("\(.header, header ? "yes" : "no")") }
    return options
  }
}
