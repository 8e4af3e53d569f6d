import Regression
import TestSupport
import Testing

/// A file that a Python script wrote, and what others read in it.
struct InputCase: Decodable {
  let file: String
  /// The bits of the entries as doubles.
  let bits: [String]?
  /// The first entry that is no number, or what else the message says.
  let refused: String?

  /// Reads all that `script` writes, more than `count` files: entry by entry what it has in `cases`.
  static func check(moreThan count: Int, _ script: String) throws {
    let cases: [InputCase] = try PythonCases.make(prelude + script + "\nprint(json.dumps(cases))\n")
    #expect(cases.count > count)
    for item in cases {
      do {
        let elements =
          item.file.contains("vector") ? try InputArray.column(item.file) : try InputArray.matrix(item.file).elements
        #expect(elements.map { "\($0.bitPattern)" } == item.bits, "\(item.file): \(elements) \(item.refused ?? "")")
      } catch {
        #expect(item.refused != nil && "\(error)".contains(item.refused ?? ""), "\(item.file): \(error)")
      }
    }
  }

  private static let prelude = """
    import json, os, sys, warnings
    import numpy as np
    warnings.simplefilter("ignore")
    os.chdir(sys.argv[1])
    cases = []

    def bits(x): return [str(b) for b in np.ascontiguousarray(x, dtype="f8").ravel().view("u8")]

    """
}
