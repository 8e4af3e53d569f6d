import Files
import Dynamics
import TestSupport
import Testing

/// RFC 4180 and the cases that CSV readers are tried with, point by point; and what a number is.
@Suite struct CSVTests {
  private static func read(_ text: String, header: Bool = true) throws -> NumericTable {
    try NumericTable(bytes: Array(text.utf8), path: "t", header: header)
  }

  /// Texts, and the names and cells of their tables.
  static let rules: [(String, [String], [Double])] = [
    // 1, 2: records end with CR LF, LF or CR; the last may have no end.
    ("a,b\r\n1,2\r\n3,4\r\n", ["a", "b"], [1, 2, 3, 4]), ("a,b\n1,2\n3,4\n", ["a", "b"], [1, 2, 3, 4]),
    ("a,b\r1,2\r3,4\r", ["a", "b"], [1, 2, 3, 4]), ("a,b\r\n1,2\n3,4\r", ["a", "b"], [1, 2, 3, 4]),
    ("a,b\n1,2\n3,4", ["a", "b"], [1, 2, 3, 4]), ("a,b\r\n1,2\r\n3,4\r\n\r\n", ["a", "b"], [1, 2, 3, 4]),
    ("a,b\n1,2\n\n\n3,4\n  \n", ["a", "b"], [1, 2, 3, 4]), ("\n\na,b\n1,2\n", ["a", "b"], [1, 2]),
    // 4: blanks around cells.
    ("a , b\n 1 ,\t2 \n", ["a", "b"], [1, 2]),
    // 5, 6: quotes, with delimiters and ends of lines inside.
    ("\"a\",\"b\"\n\"1\",\"2\"\n", ["a", "b"], [1, 2]), ("\"a,c\",b\n1,2\n", ["a,c", "b"], [1, 2]),
    ("\"a\nc\",b\n1,2\n", ["a\nc", "b"], [1, 2]), ("\"a\r\nc\",b\r\n1,2\r\n", ["a\r\nc", "b"], [1, 2]),
    (" \"a\" , \"b\" \n \"1\" ,\"2\" \n", ["a", "b"], [1, 2]), ("a,b\n\" 1 \",2\n", ["a", "b"], [1, 2]),
    // 7: doubled quotes.
    ("\"a \"\"x\"\"\",b\n1,2\n", ["a \"x\"", "b"], [1, 2]), ("\"\"\"\",b\n1,2\n", ["\"", "b"], [1, 2]),
    ("\"a\"\"\"\"c\",b\n1,2\n", ["a\"\"c", "b"], [1, 2]),
    // A byte order mark before quotes.
    ("\u{FEFF}\"a\",b\n1,2\n", ["a", "b"], [1, 2]), ("\u{FEFF}a,b\n1,2\n", ["a", "b"], [1, 2]),
    // One column, many columns, names in other scripts, names that are numbers.
    ("a\n1\n2\n", ["a"], [1, 2]), ("größe,数,😀\n1,2,3\n", ["größe", "数", "😀"], [1, 2, 3]),
    ("y,900,902\n1,2,3\n", ["y", "900", "902"], [1, 2, 3]), ("a;c,b\n1,2\n", ["a;c", "b"], [1, 2]),
  ]

  @Test(arguments: rules)
  func accepted(_ text: String, _ names: [String], _ cells: [Double]) throws {
    let table = try Self.read(text)
    #expect(table.names == names && table.cells == cells, "\(table)")
  }

  static let faults: [(String, String)] = [
    // Quotes out of place.
    ("a,b\n\"1\"5,2\n", "line 2, column 1: text follows a closing quote"),
    ("a,b\n1,\"2\"\"\n", "line 2, column 2: a quoted cell is never closed"),
    ("a,b\n1,\"2\" x\n", "line 2, column 2: text follows a closing quote"),
    ("a,b\n5\"1\",2\n", "line 2, column 1: text stands before an opening quote"),
    ("a,b\n1,2\"\n", "line 2, column 2: text stands before an opening quote"),
    ("a,b\"c\n1,2\n", "line 1, column 2: text stands before an opening quote"),
    ("\"a\"x,b\n1,2\n", "line 1, column 1: text follows a closing quote"),
    ("\"a\\\"c\",b\n1,2\n", "line 1, column 1: text follows a closing quote"),
    ("a,b\n1,\"2\n3,4\n", "line 2, column 2: a quoted cell is never closed"),
    // Lines are counted within quotes, whatever ends them.
    ("\"a\nc\",b\n1,x\n", "line 3, column 2 (b)"), ("\"a\r\nc\",b\r\n1,x\r\n", "line 3, column 2 (b)"),
    ("\"a\rc\",b\r1,x\r", "line 3, column 2 (b)"), ("a,b\n\"1\n\",x\n", "line 3, column 2 (b)"),
    // Ragged rows, wherever; headers alone; nothing at all.
    ("a,b\n1,2\n3\n", "line 3: it has 1 cells where 2 are expected"),
    ("a,b\n1,2\n3,4,5\n", "line 3: it has 3 cells where 2 are expected"),
    ("a,b\n1\n3,4\n", "line 2: it has 1 cells where 2 are expected"),
    ("a,b\n1,2\n,\n", "line 3, column 1 (a): the cell is empty"),
    ("a,b\n1,2\n3,\n", "line 3, column 2 (b): the cell is empty"), ("a,b\n", "no data row"), ("a,b", "no data row"),
    ("a,b\n\n\n", "no data row"), ("", "no header row"), ("\n\n", "no header row"), ("# only\n", "no header row"),
    ("a,b\n# only\n", "no data row"),
    // Names.
    ("a,a\n1,2\n", "line 1, column 2: the name \"a\" is used twice"),
    ("a,\" \"\n1,2\n", "line 1, column 2: the column has no name"),
    ("a,,b\n1,2,3\n", "line 1, column 2: the column has no name"),
    ("a,b,\n1,2,3\n", "line 1, column 3: the column has no name"),
  ]

  @Test(arguments: faults)
  func refused(_ text: String, _ message: String) {
    TableDialectTests.refused(message) { try Self.read(text) }
  }

  static let spellings: [(String, Double)] = [
    ("1.", 1), (".5", 0.5), ("+3", 3), ("-.5e1", -5), ("1e5", 1e5), ("1E+05", 1e5), ("1e-05", 1e-5), ("007", 7),
    ("-0", 0),
    ("0.1", 0.1), ("123456789012345678", 123_456_789_012_345_680), ("0.30000000000000004", 0.30000000000000004),
    ("9007199254740993", 9_007_199_254_740_992), ("1.7976931348623157e308", .greatestFiniteMagnitude),
    ("5e-324", .leastNonzeroMagnitude), ("2.2250738585072011e-308", .leastNormalMagnitude.nextDown), ("1e-400", 0),
    ("1e22", 1e22),
    ("1e23", 1e23),
    ("8.5e-23", 8.5e-23), ("1000000000000000000000000.", 1e24), (".0000000000000000000000001", 1e-25),
    ("3.141592653589793238462643383279", Double.pi), ("00000000000000000000000000001.5", 1.5), ("1.234", 1.234),
    ("\u{A0}2\u{A0}", 2), ("6.02214076e23", 6.02214076e23),
  ]

  /// Numbers as people write them, correctly rounded.
  @Test(arguments: spellings)
  func numbers(_ text: String, _ value: Double) throws {
    let table = try Self.read("a,b\n\(text),1\n")
    #expect(table.cells[0] == value, "\(table.cells[0])")
    // Quoted, alone, and behind another delimiter: the same bits.
    #expect(try Self.read("a,b\n\"\(text)\",1\n").cells[0] == value)
    #expect(try Self.read("\(text)\n1\n", header: false).cells[0] == value)
    #expect(try Self.read("a;b\n\(text);1\n").cells[0] == value)
    // With the other decimal mark, where digits follow it.
    if !text.hasSuffix("."), text != "1.234" {
      let comma = text.replacing(".", with: ",")
      #expect(try Self.read("a;b\n\(comma);1,5\n").cells[0] == value, "\(comma)")
    }
  }

  /// Random digits at several lengths and scales come out as the standard library reads them, by the short way and the long.
  @Test func manyNumbers() throws {
    let texts = Instances.normals(20_000, seed: 5).enumerated().map { k, value in
      switch k % 5 {
      case 0: "\(value)"
      case 1: "\(Int(value * 1e9))e\(k % 60 - 30)"
      case 2: "\(Int(value * 1e15))E-\(k % 40)"
      case 3: "\(Int(value * 1e18)).\(k)e\(k % 600 - 310)"
      default: "\(Int(value * 1e4)).\(k)"
      }
    }
    let table = try Self.read(texts.joined(separator: "\n"), header: false)
    let expected = texts.map { Double($0) ?? .nan }
    #expect(table.cells == expected)
  }

  static let noNumbers: [(String, String)] = [
    ("0x1p3", "is a hexadecimal number"), ("-0x10", "is a hexadecimal number"), ("infinity", "is not a finite number"),
    ("inf", "is not a finite number"), ("-Inf", "is not a finite number"), ("INF", "is not a finite number"),
    ("1e400", "doubles end at 1.8e308"), ("nan(0x1)", "is not a finite number"), ("snan", "is not a finite number"),
    ("\u{2212}1", "begins with the character U+2212"), ("\u{2013}1", "begins with the character U+2013"),
    ("1 000", "has separators of thousands"), ("1'000", "has separators of thousands"),
    ("1\u{A0}000", "has separators of thousands"),
    ("1_000", "has separators of thousands"), ("\"1,000,000\"", "has separators of thousands"),
    ("1.000.000", "has separators of thousands"), ("\"1,000.5\"", "has separators of thousands"),
    ("1.5D+03", "has Fortran's exponent"),
    ("12%", "is a percentage"), ("#DIV/0!", "is a spreadsheet's error"), ("1e", "\"1e\" is not a finite number"),
    ("e5", "is not a finite number"), ("-", "is not a finite number"), ("+-1", "is not a finite number"),
    ("1.2.3", "is not a finite number"),
    ("--1", "is not a finite number"), ("1f", "is not a finite number"), ("2024-01-01", "is not a finite number"),
    ("12:30", "is not a finite number"),
    ("x", "is not a finite number"), ("١٢", "is not a finite number"), ("1 2", "is not a finite number"),
    ("$5", "is not a finite number"),
  ]

  /// What Swift reads and a table does not hold, and what people write and nobody can be sure of: refused by its name.
  @Test(arguments: noNumbers)
  func refusedNumbers(_ text: String, _ message: String) {
    TableDialectTests.refused(message) { try Self.read("a,b\n1,2\n3,\(text)\n") }
    TableDialectTests.refused("t, line 3, column 2 (b)") { try Self.read("a,b\n1,2\n3,\(text)\n") }
  }

  /// Nothing of a message is a control character, and long cells are cut.
  @Test func messagesAreShort() {
    let long = String(repeating: "x", count: 1000)
    do {
      _ = try Self.read("a,b\n1,\"\(long)\n\"\n")
      Issue.record("accepted")
    } catch {
      #expect("\(error)".count < 250 && !"\(error)".contains("\n"), "\(error)")
    }
  }
}
