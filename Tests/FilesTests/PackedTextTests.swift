import Files
import Dynamics
import Foundation
import TestSupport
import Testing

/// Text in gzip files, and files that are no text.
@Suite struct PackedTextTests {
  /// A file made by a line of Python.
  private func file(_ script: String) throws -> String {
    let path = try temporaryFolder() + "/file"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import gzip, zlib, os\nf = open('\(path)', 'wb')\n" + script]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return path
  }

  @Test(arguments: [
    "f.write(gzip.compress(b'1,2\\n3,4\\n'))",
    "f.write(gzip.compress(b'1,2\\n') + gzip.compress(b'3,4\\n'))",
    "f.write(gzip.compress(b'1,2\\n3,4\\n') + bytes(512))",
    "f.write(gzip.compress(b'') + gzip.compress(b'1,2\\n3,4\\n'))",
    "f.write(gzip.compress(b'1,2\\n3,4\\n', compresslevel=0))",
    "f.write(b'1,2\\n3,4\\n')",
  ])
  func reads(_ script: String) throws {
    let path = try file(script)
    let table = try NumericTable(contentsOf: path, header: false)
    #expect(table.cells == [1, 2, 3, 4] && table.columns == 2)
  }

  /// Of many portions, to the last bit.
  @Test func readsLargeOnes() throws {
    let path = try file("f.write(gzip.compress(b''.join(b'%d\\n' % k for k in range(300000))))")
    let column = try NumericTable.column(contentsOf: path)
    #expect(column == (0..<300_000).map(Double.init))
  }

  @Test(arguments: [
    ("f.write(gzip.compress(b'1,2\\n3,4\\n')[:-9])", "cut short: the gzip stream has no end"),
    ("f.write(gzip.compress(b'1,2\\n3,4\\n')[:-1])", "cut short: the gzip stream has no end"),
    ("f.write(gzip.compress(b'1,2\\n3,4\\n')[:5])", "cut short: the gzip stream has no end"),
    ("b = bytearray(gzip.compress(b'1,2\\n3,4\\n')); b[-6] ^= 1; f.write(b)", "damaged (incorrect data check)"),
    ("b = bytearray(gzip.compress(b'1,2\\n3,4\\n')); b[-2] ^= 1; f.write(b)", "damaged (incorrect length check)"),
    ("b = bytearray(gzip.compress(b'1,2\\n3,4\\n')); b[10] = 255; f.write(b)", "damaged (invalid block type)"),
    ("b = bytearray(gzip.compress(b'1,2\\n3,4\\n')); b[2] = 9; f.write(b)", "damaged (unknown compression method)"),
    ("f.write(gzip.compress(b'1,2\\n3,4\\n') + b'1,2')", "something else follows its gzip stream"),
    ("f.write(gzip.compress(b''))", "a gzip file that holds nothing"),
    (
      "f.write(gzip.compress(b'RDX3\\nX\\n\\0\\0\\0\\3'))",
      "a gzip file that holds an R workspace (RData); unpack it; then save"
    ),
    ("f.write(gzip.compress(gzip.compress(b'1,2\\n')))", "a gzip file that holds a gzip file"),
    ("f.write(b'\\x89PNG\\r\\n\\x1a\\n')", "it is a PNG image; give numbers as CSV"),
    ("f.write(b'\\x80\\x04\\x95.')", "it is a Python pickle; save the table as CSV"),
    // Zeros without end: refused after the first of them.
    (
      "z = zlib.compressobj(9, wbits=31)\nfor k in range(200): f.write(z.compress(bytes(1 << 20)))\nf.write(z.flush())",
      "a gzip file that holds a binary file of an unknown kind"
    ),
  ])
  func refuses(_ script: String, _ message: String) throws {
    let path = try file(script)
    do {
      _ = try NumericTable(contentsOf: path, header: false)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(message) && error.subject.description.hasPrefix(path), "\(error)")
    }
  }
}
