import Files
import Dynamics
import TestSupport
import Testing

/// Tables as programs write them: every one holds y = 1.5, −2 and a = 0.25, 3 unless it says otherwise.
@Suite struct TableDialectTests {
  private static let numbers = [1.5, 0.25, -2, 3]

  private static func read(_ bytes: [UInt8], header: Bool = true, _ format: TableFormat = TableFormat()) throws
    -> NumericTable
  {
    try NumericTable(bytes: bytes, path: "t", header: header, format: format)
  }

  private static func utf16(_ text: String, isBig: Bool = false) -> [UInt8] {
    text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
  }

  /// What each program writes, and what is said of it.
  static let written: [(String, [String])] = [
    // pandas: to_csv with and without index, read and written again, with a name for the index, sep and decimal.
    (",y,a\n0,1.5,0.25\n1,-2.0,3.0\n", ["first column, which has no name"]),
    ("y,a\n1.5,0.25\n-2.0,3.0\n", []),
    ("Unnamed: 0,y,a\n0,1.5,0.25\n1,-2.0,3.0\n", ["\"Unnamed: 0\", is taken as row names"]),
    (",Unnamed: 0,y,a\n0,0,1.5,0.25\n1,1,-2.0,3.0\n", ["first 2 columns"]),
    ("Unnamed: 0.1,Unnamed: 0,y,a\n0,0,1.5,0.25\n1,1,-2.0,3.0\n", ["first 2 columns"]),
    (";y;a\n0;1,5;0,25\n1;-2,0;3,0\n", ["no name", "semicolons", "decimals follow a comma"]),
    (",y,a\n0,\"1,5\",\"0,25\"\n1,\"-2,0\",\"3,0\"\n", ["no name", "decimals follow a comma"]),
    ("\ty\ta\nx\t1.5\t0.25\nz\t-2.0\t3.0\n", ["no name", "tabs"]),
    // R: write.csv, write.csv2, write.table in its forms; readr over an empty name.
    ("\"\",\"y\",\"a\"\n\"1\",1.5,0.25\n\"2\",-2,3\n", ["first column, which has no name"]),
    ("\"\";\"y\";\"a\"\n\"1\";1,5;0,25\n\"2\";-2;3\n", ["no name", "semicolons", "decimals follow a comma"]),
    ("\"y\" \"a\"\n\"1\" 1.5 0.25\n\"2\" -2 3\n", ["one name fewer", "blanks"]),
    ("y a\n1 1.5 0.25\n2 -2 3\n", ["one name fewer", "blanks"]),
    ("y\ta\nrow one\t1.5\t0.25\nrow two\t-2\t3\n", ["one name fewer", "tabs"]),
    ("\"y\",\"a\"\n\"Mazda RX4\",1.5,0.25\n\"Merc, 240\",-2,3\n", ["one name fewer"]),
    ("y a\nm 1,5 0,25\nn -2 3\n", ["one name fewer", "blanks", "decimals follow a comma"]),
    ("\"y\" \"a\"\n1.5 0.25\n-2 3\n", ["blanks"]),
    ("...1,y,a\n1,1.5,0.25\n2,-2,3\n", ["\"...1\", is taken as row names"]),
    // NumPy: savetxt with a header, with blanks and with commas.
    (
      "# y a\n1.500000000000000000e+00 2.500000000000000000e-01\n-2.0e+00 3.0e+00\n",
      ["line 1, a comment, holds the names", "blanks"]
    ),
    ("# y,a\n1.5,2.5e-01\n-2.0e+00,3.0e+00\n", ["line 1, a comment, holds the names"]),
    ("#y\ta\n1.5\t0.25\n-2\t3\n", ["line 1, a comment, holds the names", "tabs"]),
    ("# made by me\n# y,a\n1.5,2.5e-01\n-2.0,3.0\n", ["line 2, a comment, holds the names", "(line 1)"]),
    // Excel: its first line, a German and a French table, with byte order mark and trailing delimiters.
    ("sep=;\r\ny;a\r\n1.5;0.25\r\n-2;3\r\n", ["semicolons"]),
    ("SEP=,\ny,a\n1.5,0.25\n-2,3\n", []),
    ("sep=\t\ny\ta\n1.5\t0.25\n-2\t3\n", ["tabs"]),
    ("\u{FEFF}y;a\r\n1,5;0,25\r\n-2;3\r\n", ["byte order mark", "semicolons", "decimals follow a comma"]),
    ("y;a;\r\n1,5;0,25;\r\n-2;3;\r\n", ["semicolons", "decimals", "last column is empty"]),
    ("y,a,\n1.5,0.25,\n-2,3,\n", ["last column is empty"]),
    // MATLAB, Julia, Stata, SPSS, databases; by hand.
    ("y,a\n1.5,0.25\n-2,3", []), ("y,a\n1.5e0,2.5E-01\n-2.0E+00,3e+0\n", []),
    ("y\ta\n1.5\t.25\n-2\t3.\n", ["tabs"]), ("y;a\n1.5;.25\n-2;+3\n", ["semicolons"]),
    ("y|a\n1.5|0.25\n-2|3\n", ["vertical bars"]), ("y, a\n1.5, 0.25\n-2, 3\n", []),
    ("  y     a\n 1.5  0.25\n-2.0  3.00\n", ["blanks"]), ("y \t a\n1.5 \t 0.25\n-2\t3\n", ["tabs"]),
    ("# one\n\n# two\ny,a\n1.5,0.25\n# three\n-2,3\n# four\n", ["(lines 1, 3, 6, 8)"]),
    ("name with blanks,other\n1.5,0.25\n-2,3\n", []),
    ("y;a\n\"1,5\";\"0,25\"\n\"-2\";\"3\"\n", ["semicolons", "decimals follow a comma"]),
  ]

  @Test(arguments: written)
  func programs(_ text: String, _ said: [String]) throws {
    let table = try Self.read(Array(text.utf8))
    #expect(table.cells == Self.numbers && table.rows == 2 && table.columns == 2, "\(table)")
    #expect(table.names.count == 2)
    for part in said {
      #expect(table.notes.contains { "\($0)".contains(part) && "\($0)".hasPrefix("t: ") }, "\(table.notes)")
    }
    #expect(table.notes.count == said.count, "\(table.notes)")
  }

  /// Encodings: the names come out whole, the numbers are those of the same text in UTF-8.
  @Test func encodings() throws {
    let text = "Höhe,Größe €\r\n1.5,0.25\r\n-2,3\r\n"
    let wide: [UInt8] = text.unicodeScalars.flatMap { character -> [UInt8] in
      [UInt8(character.value & 255), UInt8((character.value >> 8) & 255), 0, 0]
    }
    let windows: [UInt8] = text.unicodeScalars.map { $0 == "€" ? 0x80 : UInt8($0.value) }
    for (bytes, note) in [
      (Array(text.utf8), ""), ([0xEF, 0xBB, 0xBF] + Array(text.utf8), "UTF-8 with a byte order mark"),
      (windows, "read as Windows-1252"), ([0xFF, 0xFE] + Self.utf16(text), "UTF-16, little-endian"),
      ([0xFE, 0xFF] + Self.utf16(text, isBig: true), "UTF-16, big-endian"),
      (Self.utf16(text), "UTF-16, little-endian (it has no byte order mark)"),
      (Self.utf16(text, isBig: true), "UTF-16, big-endian (it has no byte order mark)"),
      ([0xFF, 0xFE, 0, 0] + wide, "UTF-32"),
    ] as [([UInt8], String)] {
      let table = try Self.read(bytes)
      #expect(table.names == ["Höhe", "Größe €"] && table.cells == Self.numbers, "\(note): \(table)")
      #expect(
        note.isEmpty ? table.notes.isEmpty : table.notes.first?.description.contains(note) == true, "\(table.notes)")
    }
  }

  static let undecodable: [([UInt8], String)] = [
    (Array("y,é\n1,".utf8) + [0xE9] + Array("\n".utf8), "line 2, character 3: this is not UTF-8"),
    ([0xEF, 0xBB, 0xBF] + Array("y,".utf8) + [0xE9, 0x0A], "line 1, character 6: this is not UTF-8"),
    (Array("y,".utf8) + [0x81] + Array("\n1,2\n".utf8), "line 1, character 3: the byte 0x81 is neither UTF-8"),
    ([0xFF, 0xFE, 0x79, 0, 0x2C], "text in UTF-16 that is cut short"),
    ([0xFF, 0xFE, 0x79, 0, 0x00, 0xD8, 0x2C, 0], "not all of it is text in that encoding"),
    (Array("y,a\n1,2\u{0}\n".utf8) + [UInt8](repeating: 0x31, count: 40), "line 2, character 4: there is a NUL byte"),
    (
      Array("y,a\r\n1,\u{7}2\r\n3,4,5,6,7,8,9,1\r\n".utf8), "line 2, character 3: there is a control character (U+0007)"
    ),
    (Array("y,a\r1,2\r3,4\u{1A}\r1234567890".utf8), "line 3, character 4: there is a control character (U+001A)"),
    ([0x1F, 0x8B, 8, 0, 0, 0], "it is a gzip file"), ([0x89] + Array("PNG\r\n\u{1A}\n".utf8), "it is a PNG image"),
  ]

  @Test(arguments: undecodable)
  func refusesEncodings(_ bytes: [UInt8], _ message: String) {
    Self.refused(message) { try Self.read(bytes) }
  }

  static func refused(_ message: String, _ body: () throws -> NumericTable) {
    do {
      let table = try body()
      Issue.record("read as \(table), not \"\(message)\"")
    } catch let error as InvalidInput {
      #expect(error.text(.options).contains(message), "\(error)")
    } catch {
      Issue.record(error)
    }
  }

  /// Two readings are possible: refused, and the option is named that decides.
  @Test(arguments: [
    ("y;a\n1,234;2,345\n", true, "commas may begin decimals here or separate thousands", "--decimal comma"),
    ("y;a\n1,234;2.5\n", true, "the number here has a comma", "same decimal mark"),
    (
      "y;a\n1.5;2\n3;4,5\n", true,
      "t, line 3, column 2 (a): the number here has a comma, that at line 2, column 1 a point", ""
    ),
    ("y,a\n\"1,000\",2\n", true, "commas may begin decimals here", "--decimal comma"),
    (
      "y,a\n1,2,\n2,3,\n", true, "line 2: it has 3 cells where the header has 2 names",
      "remove the delimiter at the end of each row"
    ),
    ("y,a\n1,2,3\n", true, "line 2: it has 3 cells where the header has 2 names", "--index first"),
    ("y,a\n5,2,3\n7,8,9\n", true, "line 2: it has 3 cells where the header has 2 names", "--index first"),
    (
      "0,1,2\n0.5,1,2\n", false, "it counts from 0 to 2: it may hold column numbers, or a row",
      "--header yes or --header no"
    ),
    ("y,a\n1,2\n#3,4\n", true, "line 3: it begins with # and has 2 cells", "put its first cell in quotes"),
  ])
  func ambiguous(_ text: String, _ header: Bool, _ message: String, _ option: String) {
    Self.refused(message) { try Self.read(Array(text.utf8), header: header) }
    if !option.isEmpty { Self.refused(option) { try Self.read(Array(text.utf8), header: header) } }
  }

  /// … and what the options make of it.
  @Test func options() throws {
    func read(_ text: String, header: Bool = true, _ format: TableFormat) throws -> [Double] {
      try Self.read(Array(text.utf8), header: header, format).cells
    }
    #expect(try read("y;a\n1,234;2,345\n", TableFormat(decimal: .comma)) == [1.234, 2.345])
    #expect(try read("y,a\n5,2,3\n7,8,9\n", TableFormat(index: "first")) == [2, 3, 8, 9])
    #expect(try read("0,1,2\n0.5,1,2\n", header: false, TableFormat(header: true)) == [0.5, 1, 2])
    #expect(try read("0,1,2\n0.5,1,2\n", header: false, TableFormat(header: false)) == [0, 1, 2, 0.5, 1, 2])
    #expect(try read("0,5\n1,5\n", header: false, TableFormat(decimal: .comma)) == [0.5, 1.5])
    #expect(try read("a b c\n1 2,3 4\n", TableFormat(delimiter: .blanks, decimal: .comma)) == [1, 2.3, 4])
    #expect(try read("id,y,a\nm,1,2\nn,3,4\n", TableFormat(index: "id")) == [1, 2, 3, 4])
    #expect(try read("y,id,a,b\n1,m,2,x\n3,n,4,z\n", TableFormat(drop: ["id,b"])) == [1, 2, 3, 4])
    #expect(try read("y,\"id,b\",a\n1,m,2\n3,n,4\n", TableFormat(drop: ["id,b"])) == [1, 2, 3, 4])
    #expect(try read("y;a\n1,5;2\n", TableFormat(delimiter: .semicolon)) == [1.5, 2])
    #expect(
      try read("\"0,5\",\"1,5\"\n", header: false, TableFormat(delimiter: .comma, decimal: .comma)) == [0.5, 1.5])
    #expect(try Self.read(Array("y,x,x\n1,2,3\n".utf8), TableFormat(drop: ["x"])).names == ["y"])
  }

  @Test(arguments: [
    ("y,a\n1,2\n", TableFormat(index: "id"), "--index id: t has no column of that name; its columns are y, a"),
    ("y,a\n1,2\n", TableFormat(drop: ["a", "b"]), "--drop b: t has no column of that name"),
    ("y,first\n1,2\n", TableFormat(index: "first"), "--index first: t has a column of that name"),
    ("y,a\n1,2\n", TableFormat(drop: ["a,y"]), "no column of numbers is left"),
    ("y;a\n1.5;2\n", TableFormat(decimal: .comma), "\"1.5\" has a point where the decimal mark is a comma"),
    ("y;a\n1,5;2\n", TableFormat(decimal: .point), "\"1,5\" has a comma where the decimal mark is a point"),
    ("y;a\n1;2\n", TableFormat(delimiter: .comma), "\"1;2\" is not a finite number"),
  ])
  func refusesOptions(_ text: String, _ format: TableFormat, _ message: String) {
    Self.refused(message) { try Self.read(Array(text.utf8), format) }
  }

  static let unnamed: [(String, [String], Int)] = [
    ("1,2\n3,4\n", [], 2), ("a,b\n1,2\n3,4\n", ["line 1 holds names"], 2), ("1;2\n3;4\n", ["semicolons"], 2),
    (",0,1\n0,1,2\n1,3,4\n", ["line 1 holds names", "first column"], 2),
    ("\"\",\"V1\",\"V2\"\n\"1\",1,2\n\"2\",3,4\n", ["line 1 holds names", "first column"], 2),
    ("\"V1\" \"V2\"\n\"1\" 1 2\n\"2\" 3 4\n", ["holds names", "one name fewer", "blanks"], 2),
    (" 1.0e+00 2.0e+00\n 3.0e+00 4.0e+00\n", ["blanks"], 2), ("1,2,\n3,4,\n", ["last column is empty"], 2),
    ("1\n2\n3\n4\n", [], 1), ("y\n1\n2\n3\n4\n", ["line 1 holds names"], 1),
    ("\"x\"\n\"1\" 1\n\"2\" 2\n\"3\" 3\n\"4\" 4\n", ["names", "fewer", "blanks"], 1),
    ("\"\",\"x\"\n\"1\",1\n\"2\",2\n\"3\",3\n\"4\",4\n", ["names", "first column"], 1),
    ("# y\n1\n2\n3\n4\n", ["comments"], 1),
    ("\"900\",\"902\"\n1,2\n3,4\n", ["line 1 holds names"], 2), ("\"1\",\"2\"\n\"3\",\"4\"\n", [], 2),
    ("1,2,3,4\n", [], 4), ("TRUE,2\nFALSE,4\n", ["true and false"], 2),
  ]

  /// Matrices and vectors need no names, and may have them.
  @Test(arguments: unnamed)
  func matrices(_ text: String, _ said: [String], _ columns: Int) throws {
    let table = try Self.read(Array(text.utf8), header: false)
    #expect(
      table.cells == (text.hasPrefix("T") ? [1, 2, 0, 4] : [1, 2, 3, 4]) && table.columns == columns, "\(table)")
    for part in said { #expect(table.notes.contains { "\($0)".contains(part) }, "\(table.notes)") }
  }

  /// Columns of true and false, whole ones only.
  @Test func logical() throws {
    for (yes, no) in [("TRUE", "FALSE"), ("True", "False"), ("true", "false"), ("T", "F"), ("\"TRUE\"", "\"FALSE\"")] {
      let table = try Self.read(Array("y,b\n1,\(yes)\n2,\(no)\n".utf8))
      #expect(table.cells == [1, 1, 2, 0])
      #expect(table.notes.map(\.description) == ["t: column b holds true and false, read as 1 and 0"])
    }
    for text in ["y,b\n1,TRUE\n2,0\n", "y,b\n1,0.5\n2,F\n", "y,b\n1,1\n2,TRUE\n"] {
      Self.refused("only where all of it is true or false") { try Self.read(Array(text.utf8)) }
    }
    let table = try Self.read(Array("y,b\n1,TRUE\n2,NA\n".utf8), TableFormat(missing: .dropRows))
    #expect(table.cells.prefix(3) == [1, 1, 2] && table.cells[3].isNaN)
  }

  /// All words for a missing value are known, and refused with line and column.
  @Test(arguments: ["", "NA", "NaN", "nan", "null", "NULL", "None", "#N/A", "N/A", "<NA>", ".", "\"\"", "\"NA\"", " "])
  func missing(_ word: String) throws {
    let bytes = Array("y,a\n1,2\n3,\(word)\n5,6\n".utf8)
    Self.refused("t, line 3, column 2 (a)") { try Self.read(bytes) }
    Self.refused("--missing drop-rows or drop-columns") { try Self.read(bytes) }
    let table = try Self.read(bytes, TableFormat(missing: .dropRows))
    #expect(table.cells[3].isNaN && table.rows == 3)
  }

  /// An empty line among single values is a missing one.
  @Test func emptyLinesOfVectors() throws {
    Self.refused("line 2, column 1: the cell is empty") { try Self.read(Array("1\n\n2\n".utf8), header: false) }
    #expect(try Self.read(Array("\n1\n2\n\n\n".utf8), header: false).cells == [1, 2])
  }
}
