import ArgumentParser
import Files

/// The options that say how files of text are to be read, where the files do not say it themselves.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column of row names in --data or --design, by its name or first; it is left out.", valueName: "column"))
  var index: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Columns of --data or --design to leave out; may be repeated.", valueName: "column,…"))
  var drop: [String] = []

  @Option(
    help: ArgumentHelp(
      "What separates cells: comma, semicolon, tab, bar or blanks, or the character (default: found in the file).",
      valueName: "name"),
    completion: .list(Delimiter.allCases.map(\.rawValue)), transform: Parse.delimiter)
  var delimiter: Delimiter?

  @Option(
    help: ArgumentHelp("What begins decimals: point or comma (default: found in the file).", valueName: "mark"),
    completion: .list(["point", "comma"]), transform: Parse.decimal)
  var decimal: DecimalMark?

  @Option(
    help: ArgumentHelp(
      "Cells without a value (empty, NA, NaN, null): refuse, drop-rows or drop-columns.", valueName: "rule"),
    completion: .list(MissingValues.allCases.map(\.rawValue)), transform: Parse.missing)
  var missing: MissingValues = .refuse

  @Option(
    help: ArgumentHelp(
      "Whether the first row of --design and of vectors holds names: yes or no (default: where all of it is text).",
      valueName: "yes|no"),
    completion: .list(["yes", "no"]), transform: Parse.yesOrNo)
  var header: Bool?

  /// What is said; nil for nothing.
  var format: TableFormat? {
    let format = TableFormat(
      index: index, drop: drop, delimiter: delimiter, decimal: decimal, missing: missing, header: header)
    return format == TableFormat() ? nil : format
  }

  /// Throws unless there is a file that they can be about.
  func validate(data: Bool, design: Bool) throws {
    guard let option = format?.options.first?.field else { return }
    guard data || design else { throw ValidationError("--\(option.name) goes with --data and --design.") }
    guard header == nil || design else {
      throw ValidationError("--header goes with --design: the first row of --data always holds names.")
    }
  }
}
