import Foundation
import TestSupport
import Testing

/// Tables and vectors as people have them, through the tool: the numbers of `Tests/Tables/X.csv` with `y.csv` come out, and
/// what was found is said on standard error, in the result and in its provenance.
@Suite struct TableTests {
  private static let folder = "\(checkout)Tests/Tables"

  private static func solve(_ options: String, in folder: String = folder) throws -> Tool.Result {
    try Tool.run("solve \(options) --lambda 1 --until 1 --json".words, in: folder)
  }

  /// What was computed, as text.
  private static func loss(_ result: Tool.Result) -> Substring? {
    result.out.split(separator: "\"loss\":").last?.prefix { $0 != "," }
  }

  private static func notes(_ result: Tool.Result) -> [String] {
    (result.json["problem"] as? [String: Any])?["notes"] as? [String] ?? []
  }

  @Test(arguments: [
    ("latin1.csv", "Windows-1252 (Latin-1)"), ("utf16.csv", "read as UTF-16, little-endian"),
    ("rwrite.csv", "the first column, which has no name, is taken as row names"),
    ("rtable.csv", "the header has one name fewer than a row has cells"), ("semi.csv", "separated by semicolons"),
    ("semidec.csv", "decimals follow a comma"), ("hash.csv", "comments were left out (line 1)"),
  ])
  func read(_ file: String, _ note: String) throws {
    let plain = try Self.solve("--design X.csv --response y.csv")
    #expect(plain.code == 0 && Self.notes(plain).isEmpty, "\(plain.err)")
    let result = try Self.solve("--data \(file) --target y")
    #expect(result.code == 0 && Self.loss(result) == Self.loss(plain), "\(result.err)")
    #expect(result.err.contains(note) && Self.notes(result).contains { $0.contains(note) }, "\(result.err)")
    let provenance = result.json["provenance"] as? [String: Any]
    #expect((provenance?["input"] as? String)?.contains(note) == true)
    #expect((plain.json["provenance"] as? [String: Any])?["input"] == nil)
  }

  @Test func readsGzippedMatrices() throws {
    let plain = try Self.solve("--design X.csv --response y.csv")
    let packed = try Self.solve("--design X.csv.gz --response y.csv")
    #expect(packed.code == 0 && Self.loss(packed) == Self.loss(plain), "\(packed.err)")
  }

  @Test(arguments: [
    ("quotegarb.csv", "quotegarb.csv, line 7, column 1: text follows a closing quote"),
    ("nul.csv", "nul.csv, line 1, character 13: there is a NUL byte"),
    ("bools.csv", "bools.csv, line 7, column 1 (y): \"TRUE\" is not a finite number"),
  ])
  func refused(_ file: String, _ message: String) throws {
    let result = try Self.solve("--data \(file) --target y")
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(result.err)")
  }

  /// Columns that are set aside, and rows and features that miss values.
  @Test func options() throws {
    let place = try Tool.folder()
    try Tool.write("id,y,a,b,c\nm,1,2,3,4\nn,5,NA,6,1\no,2,1,8,0\n", place + "/t.csv")
    func dimensions(_ options: String) throws -> [Int]? {
      let result = try Self.solve("--data t.csv --target y \(options)", in: place)
      guard result.code == 0, let problem = result.json["problem"] as? [String: Any] else { return nil }
      return [problem["n"] as? Int ?? 0, problem["d"] as? Int ?? 0]
    }
    let text = try Self.solve("--data t.csv --target y", in: place)
    #expect(text.code == 64 && text.err.contains("--drop id, --index id if it names the rows"), "\(text.err)")
    let refused = try Self.solve("--data t.csv --target y --index id", in: place)
    #expect(refused.code == 64 && refused.err.contains("line 3, column 3 (a): \"NA\" stands for a missing value"))
    #expect(try dimensions("--index id --missing drop-rows") == [2, 3])
    #expect(try dimensions("--index first --missing drop-columns") == [3, 2])
    #expect(try dimensions("--index id --drop a") == [3, 2])
    #expect(try dimensions("--drop id,a --drop b") == [3, 1])
    let said = try Self.solve("--data t.csv --target y --index id --missing drop-rows", in: place)
    #expect(said.err.contains("t.csv: 1 of 3 rows miss values and were left out (line 3)"), "\(said.err)")
    let gone = try Self.solve("--data t.csv --target a --index id --missing drop-columns", in: place)
    #expect(gone.code == 64 && gone.err.contains("t.csv, line 3 (a): a value of the target is missing"), "\(gone.err)")
  }

  /// A row that X or y misses is left out of both; a column of X out of θ*, too. What is left gives the same bits.
  @Test func matricesWithMissingValues() throws {
    let place = try Tool.folder()
    for (name, text) in [
      ("X", "a;b;c\n1;2;0,5\n;4;1\n3;1;2\n2;2;2,5\n"), ("y", "1,5\n2\nNA\n3\n"), ("w", "1\n2\n3\n"),
      ("X2", "1,2,0.5\n2,2,2.5\n"), ("y2", "1.5\n3\n"), ("y3", "1,5\n2\n2\n3\n"), ("X3", "2,0.5\n4,1\n1,2\n2,2.5\n"),
      ("y4", "1.5\n2\n2\n3\n"), ("w2", "2\n3\n"),
    ] { try Tool.write(text, "\(place)/\(name).csv") }
    let rows = try Self.solve(
      "--design X.csv --response y.csv --truth w.csv --decimal comma --missing drop-rows", in: place)
    let complete = try Self.solve("--design X2.csv --response y2.csv --truth w.csv", in: place)
    #expect(rows.code == 0 && Self.loss(rows) == Self.loss(complete), "\(rows.err)")
    #expect(rows.err.contains("2 of 4 rows miss values and were left out (2, 3, counted from 1)"), "\(rows.err)")
    let columns = try Self.solve(
      "--design X.csv --response y3.csv --truth w.csv --decimal comma --missing drop-columns", in: place)
    let narrow = try Self.solve("--design X3.csv --response y4.csv --truth w2.csv", in: place)
    #expect(columns.code == 0 && Self.loss(columns) == Self.loss(narrow), "\(columns.err)")
    #expect(columns.json["test_error"] as? Double == narrow.json["test_error"] as? Double)
    #expect(columns.err.contains("1 of 3 columns miss values and were left out (a)"), "\(columns.err)")
  }

  /// Vectors: a header, row names, a single row; and commas that may begin decimals.
  @Test func vectors() throws {
    let place = try Tool.folder()
    try Tool.write("1,2\n3,5\n", place + "/X.csv")
    let values = ["1\n2\n", "y\n1\n2\n", "\"\",\"x\"\n\"1\",1\n\"2\",2\n", "1,2\n", "1 2\n", ",0\n0,1\n1,2\n", "1;2\n"]
    var losses: Set<Substring> = []
    for text in values {
      try Tool.write(text, place + "/y.csv")
      let result = try Self.solve("--design X.csv --response y.csv", in: place)
      #expect(result.code == 0, "\(text): \(result.err)")
      losses.insert(Self.loss(result) ?? "")
    }
    #expect(losses.count == 1)
    try Tool.write("1,5\n2,5\n", place + "/y.csv")
    let refused = try Self.solve("--design X.csv --response y.csv", in: place)
    #expect(refused.code == 64 && refused.err.contains("y.csv: it has 2 columns"), "\(refused.err)")
    #expect(refused.err.contains("--decimal comma"))
  }
}
