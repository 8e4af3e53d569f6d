import Foundation
import TestSupport
import Testing

@Suite struct StudyCommandTests {
  @Test func tableJSONFilesAndStore() throws {
    let place = try Tool.folder()
    let line =
      "study order --seeds 2 --set step=0.01,0.02 --set order=1,2,3 --store s.sqlite --output o.nc --figure f.svg --json --quiet"
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

  /// Of `sweep` the output is a store, and so it may be here.
  @Test func theOutputMayBeAStore() throws {
    let place = try Tool.folder() + "/a.b"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let line = "study depth --seeds 1 --json --quiet --output s.sqlite"
    for _ in 0..<2 {
      let result = try Tool.run(line.words, in: place)
      #expect(result.code == 0 && result.json["completed"] as? Int ?? 0 > 0, "\(result.err)")
    }
    let status = try Tool.run("sweep status s.sqlite --json".words, in: place)
    #expect(status.json["missing"] as? Int == 0 && status.json["study"] as? String == "depth")
    #expect(try Tool.run((line + " --store s.sqlite").words, in: place).code == 0)
    let both = try Tool.run((line + " --store t.sqlite").words, in: place)
    #expect(both.code == 64 && both.err.contains("the store is that of --store already"), "\(both.err)")
  }

  @Test(arguments: [
    ("study", "name"), ("study nonsense", "there is no such study; choose one of order"),
    ("study real-data --set lambda=x", "--set lambda=x"), ("study order --seeds 0", "--seeds 0"),
    ("study order --set step=x", "--set step=x"), ("study order --figure f.gif", ".svg"),
    ("study order --output o.txt", ".csv"), ("study order --workers 0", "--workers 0"),
  ])
  func unusableRequests(_ line: String, _ message: String) throws {
    let result = try Tool.run(line.words, in: Tool.folder())
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(result)")
  }

  /// From the kernel to the rich regime, of flows and of descent.
  @Test func certifyTellsTheRegime() throws {
    func position(_ line: String) throws -> (Double, [String: Any]) {
      let result = try Tool.run(("certify --gaussian 20,30,3 --json --quiet " + line).words)
      #expect(result.code == 0, "\(result.err)")
      let regime = try #require(result.json["regime"] as? [String: Any])
      return (try #require(regime["position"] as? Double), result.json)
    }
    let (kernel, _) = try position("--flow gf --alpha 3")
    let (middle, _) = try position("--flow gf --alpha 0.1")
    let (rich, json) = try position("--lambda 0.1 --alpha 1e-4")
    let (descent, _) = try position("--gamma 1e-3 --beta 0.9 --alpha 1e-3")
    #expect(kernel > 0.99 && middle < 0.5 && rich < 0.01 && descent < 0.01, "\([kernel, middle, rich, descent])")
    let perturbation = try #require(json["perturbation"] as? [String: Any])
    #expect((perturbation["relative"] as? Double ?? 1) < 1e-6)
    #expect(json["command"] as? String == "certify" && json["delta_inf"] != nil)
  }
}
