import Dynamics

extension TableReader {
  /// Reads what stands above the rows, and finds out what the columns are. Throws `InvalidInput`.
  mutating func readNames() throws(InvalidInput) {
    var comment: (range: Range<Int>, line: Int)?
    while true {
      _ = scanner.skipEmptyLines()
      guard scanner.position < scanner.text.count, scanner.text[scanner.position] == UInt8(ascii: "#") else { break }
      comments.append(scanner.line)
      comment = (scanner.position..<scanner.position, scanner.line)
      comment?.range = scanner.restOfLine()
    }
    guard scanner.position < scanner.text.count else {
      throw InvalidInput(path, because: needsNames ? "the file holds no header row" : "there is no data row")
    }
    let sample = TableSample(scanner, format)
    nameLine = scanner.line
    if let comment, format.header != false, let names = names(in: comment, above: sample) {
      self.names = names
      nameLine = comment.line
      comments.removeLast()
      notes.append("line \(comment.line), a comment, holds the names")
      try setColumns(sample, width: names.count)
      return
    }
    guard !sample.records.isEmpty else {
      // What is wrong with the first record.
      _ = try scanner.record()
      return
    }
    let hasNames = needsNames ? true : try holdsNames(sample)
    if hasNames {
      let cells = try scanner.record()
      names = cells.map { CellContent.trimmed(scanner.string($0)) }
      guard sample.records.count > 1 || !sample.isWhole else {
        throw InvalidInput(path, because: "there is a header but no data row")
      }
      if !needsNames { notes.append("line \(nameLine) holds names, not numbers") }
    }
    try setColumns(sample, width: hasNames ? sample.width ?? names.count : sample.records[0].count)
  }

  /// The names in a comment right above rows of numbers, as `numpy.savetxt` writes them; nil when it does not fit those.
  private func names(in comment: (range: Range<Int>, line: Int), above sample: TableSample) -> [String]? {
    guard let first = sample.contents.first, first.count > 1, first.allSatisfy(\.isNumber) else { return nil }
    let text = UnsafeBufferPointer(rebasing: scanner.text[..<comment.range.upperBound])
    let start = comment.range.drop { text[$0] == UInt8(ascii: "#") }.lowerBound
    var own = CellScanner(text, path, scanner.delimiter, position: start, line: comment.line)
    guard let cells = try? own.record(), cells.count == first.count,
      cells.allSatisfy({ if case .text = TableSample.content($0, own, format) { true } else { false } })
    else { return nil }
    return cells.map { own.string($0) }
  }

  /// Whether the first row of a table that need not have names is one of names: all its cells are text, or it is the one that
  /// pandas writes over a matrix with its row numbers. Throws `InvalidInput` for a row that may be numbers or numbered names.
  private func holdsNames(_ sample: TableSample) throws(InvalidInput) -> Bool {
    if let header = format.header { return header }
    let first = sample.contents[0]
    guard sample.records.count > 1 else { return false }
    let startsEmpty = sample.records[0][0].isEmpty && first.count > 1
    let rest = startsEmpty ? first.dropFirst() : first[...]
    if rest.allSatisfy({ if case .text = $0 { true } else { false } }) { return true }
    // Programs that quote text alone have said which cells are names.
    let isQuotedAlone =
      sample.records[0].allSatisfy(\.isQuoted)
      && sample.records.dropFirst().allSatisfy { cells in
        !(cells.count > 1 ? cells.dropFirst() : cells[...]).contains(where: \.isQuoted)
      }
    if isQuotedAlone { return true }
    let counts = rest.enumerated().allSatisfy { k, content in
      guard case .number(let number) = content else { return false }
      return number.mark == nil && number.value == Double(k)
    }
    if startsEmpty { return counts && sample.isCounting(0) }
    let isWhole = sample.contents.dropFirst().allSatisfy { cells in
      cells.allSatisfy { if case .number(let number) = $0 { number.mark == nil } else { true } }
    }
    guard !counts || first.count < 3 || isWhole else {
      throw InvalidInput(
        "\(path), line \(nameLine)",
        because: "it counts from 0 to \(first.count - 1): it may hold column numbers, or a row of the matrix",
        remedy: "say so with \(.header, "yes") or \(.header) no")
    }
    return false
  }

  /// Finds what each column is for. Throws `InvalidInput` for names that are missing or not unique.
  private mutating func setColumns(_ sample: TableSample, width: Int) throws(InvalidInput) {
    self.width = width
    var hasRowNames = false
    if !names.isEmpty, width == names.count + 1, sample.width == width {
      // R's convention: one name fewer than cells.
      // Where every row ends with a delimiter, the cell too many may be the last one.
      let endsEmpty = sample.records.dropFirst().allSatisfy { $0.last?.isEmpty == true && $0.last?.isQuoted == false }
      let isNamed = sample.isQuoted(0) || sample.isText(0) || sample.isCounting(0) && sample.records.count > 2
      guard format.index == "first" || isNamed && !endsEmpty
      else {
        throw InvalidInput(
          "\(path), line \(nameLine + 1)", because: "it has \(width) cells where the header has \(names.count) names",
          remedy: endsEmpty
            ? "remove the delimiter at the end of each row; if the first cell names the row, give \(.index, "first")"
            : "if its first cell names the row, give \(.index, "first")")
      }
      names.insert("", at: 0)
      hasRowNames = true
      notes.append(
        "the first column is taken as row names and left out: the header has one name fewer than a row has cells")
    } else if !names.isEmpty {
      self.width = names.count
    }
    roles = [Role](repeating: .numbers, count: self.width)
    kinds = [Kind](repeating: .unknown, count: self.width)
    if hasRowNames { roles[0] = .ignored }
    try setAside(hasRowNames: hasRowNames)
    let last = self.width - 1
    if last > 0, roles[last] == .numbers {
      let isEmpty =
        names.isEmpty
        ? sample.records.allSatisfy { $0.count == self.width && $0[last].isEmpty && !$0[last].isQuoted }
        : names[last].isEmpty
      if isEmpty {
        roles[last] = .empty
        notes.append("the last column is empty and was left out: rows end with a delimiter")
      }
    }
    var seen: Set<String> = []
    for (column, name) in names.enumerated() where roles[column] == .numbers {
      guard !name.isEmpty else {
        throw InvalidInput(
          place(nameLine, column), because: "the column has no name", remedy: "give every column a name")
      }
      guard seen.insert(name).inserted else {
        throw InvalidInput(
          "\(path), line \(nameLine), column \(column + 1)",
          because: "the name \"\(CellFault.shown(name))\" is used twice",
          remedy: "give every column a name of its own")
      }
    }
    guard roles.contains(.numbers) else {
      throw InvalidInput(
        path, because: "no column of numbers is left", remedy: "leave out fewer with \(.drop) and \(.index)")
    }
  }

  /// Sets aside the columns of `--index` and `--drop`, and those that programs make of row names.
  private mutating func setAside(hasRowNames: Bool) throws(InvalidInput) {
    if let index = format.index {
      if index == "first" {
        if let other = names.firstIndex(of: "first"), other > 0 {
          throw InvalidInput(
            "\(.index, "first")", because: "\(path) has a column of that name, which is not the first",
            remedy: "leave that one out with \(.drop, "first"), or the first with \(.drop, names[0])")
        }
        roles[0] = .ignored
      } else {
        for column in try columns(named: index, .index) { roles[column] = .ignored }
      }
    } else if !hasRowNames, width > 1 {
      // What R and pandas write over row names: nothing; and what pandas and readr read where nothing stands.
      var column = 0
      while column < width - 1, !names.isEmpty,
        column == 0 && names[0].isEmpty || names[column].hasPrefix("Unnamed: 0")
          || names[column] == "...1" && column == 0
      {
        roles[column] = .ignored
        column += 1
      }
      if column == 1 {
        notes.append(
          names[0].isEmpty
            ? "the first column, which has no name, is taken as row names and left out"
            : "the first column, \"\(names[0])\", is taken as row names and left out")
      } else if column > 1 {
        notes.append("the first \(column) columns, which have no names, are taken as row names and left out")
      }
    }
    for entry in format.drop {
      for column in try columns(named: entry, .drop) { roles[column] = .ignored }
    }
  }

  /// The columns that `entry` names: the one of that very name, or several separated by commas.
  private func columns(named entry: String, _ option: Field) throws(InvalidInput) -> [Int] {
    let parts =
      names.contains(entry) || option == .index
      ? [entry] : entry.split(separator: ",", omittingEmptySubsequences: false).map { CellContent.trimmed(String($0)) }
    var found: [Int] = []
    for part in parts {
      let columns = names.indices.filter { names[$0] == part && !part.isEmpty }
      guard !columns.isEmpty else {
        throw InvalidInput(
          "\(option, part)", because: "\(path) has no column of that name",
          remedy: names.isEmpty
            ? "its columns have no names; row names in the first are left out by \(.index, "first")"
            : "its columns are \(Self.list(names.map(CellFault.shown)))")
      }
      found += columns
    }
    return found
  }
}
