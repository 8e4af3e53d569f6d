import Foundation
import TestSupport
import Testing

@Suite struct StudyCommandTests {
  @Test func tableJSONFilesAndStore() throws {
    let place = try Tool.folder()
    let line = "study order --seeds 2 --set step=0.01,0.02 --store s.sqlite --output o.nc --figure f.svg --json --quiet"
    let result = try Tool.run(line.words, in: place)
    #expect(result.code == 0 && result.err.isEmpty, "\(result.err)")
    #expect(result.json["verdict"] as? String == "holds" && (result.json["rows"] as? [Any])?.count == 6)
    for file in ["s.sqlite", "o.nc", "f.svg"] { #expect(FileManager.default.fileExists(atPath: "\(place)/\(file)")) }
    // The store is gone on with; files are not replaced unasked.
    #expect(try Tool.run(line.words, in: place).code == 64)
    let again = try Tool.run((line + " --force").words, in: place)
    #expect(again.code == 0 && again.json["completed"] as? Int == 12)
    let table = try Tool.run("study order --seeds 1 --set step=0.01,0.02 --quiet".words, in: place)
    #expect(table.code == 0 && table.out.contains("claim") && table.out.contains("path_error_median"))
  }

  @Test(arguments: [
    ("study", "name"), ("study nonsense", "there is no such study; choose one of order"),
    ("study nesterov", "it is not built yet"), ("study order --seeds 0", "--seeds 0"),
    ("study order --set step=x", "--set step=x"), ("study order --figure f.gif", ".svg"),
    ("study order --output o.txt", ".csv"), ("study order --workers 0", "--workers 0"),
  ])
  func unusableRequests(_ line: String, _ message: String) throws {
    let result = try Tool.run(line.words, in: Tool.folder())
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(result)")
  }
}
