import Foundation

/// The folder of the files that inputs are made from, and of those that once failed: beside the tests, found from this file.
package let fuzzFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
  .appending(path: "Tests/FuzzingTests").path()

/// A file that inputs are made from. Throws `Finding` when it is not there.
func fuzzSeed(_ name: String) throws -> [UInt8] {
  let path = "\(fuzzFolder)/Seeds/\(name)"
  guard let data = FileManager.default.contents(atPath: path) else { throw Finding("there is no \(path)") }
  return Array(data)
}
