import Foundation
import TestSupport
import Testing

/// The targets import what Package.swift declares, no more and no less, and what CONTRIBUTING draws.
@Suite struct ImportTests {
  /// Target by target what `make graph` prints.
  private static func graph(_ lines: [Substring]) -> [String: Set<String>] {
    var graph: [String: Set<String>] = [:]
    for line in lines {
      let parts = line.split(separator: ":")
      if parts.count == 2 { graph[String(parts[0])] = Set(parts[1].split(separator: " ").map(String.init)) }
    }
    return graph
  }

  private static func printed() throws -> [String: Set<String>] {
    let result = try Tool.shell("make -s graph")
    #expect(result.code == 0, "\(result.err)")
    return graph(result.out.split(separator: "\n"))
  }

  @Test func drawing() throws {
    let text = try String(contentsOfFile: "\(checkout)CONTRIBUTING.md", encoding: .utf8)
    let block = text.components(separatedBy: "```graph\n").dropFirst().first?.components(separatedBy: "```").first ?? ""
    let (drawn, printed) = (Self.graph(block.split(separator: "\n")), try Self.printed())
    #expect(drawn.count >= 15)
    for (target, imports) in printed {
      #expect(drawn[target] == imports, "\(target): make graph prints \(imports.sorted())")
    }
    #expect(drawn.keys.sorted() == printed.keys.sorted())
  }

  @Test func declarations() throws {
    let text = try String(contentsOfFile: "\(checkout)Package.swift", encoding: .utf8)
    let folders = Set(try FileManager.default.contentsOfDirectory(atPath: "\(checkout)Sources"))
    let printed = try Self.printed()
    for part in text.replacing("\n    .executableTarget(", with: "\n    .target(").components(
      separatedBy: "\n    .target("
    ).dropFirst() {
      let names = part.matches(of: /"([A-Za-z-]+)"/).map { String($0.output.1) }
      guard let name = names.first, name != "TestSupport" else { continue }
      let folder = part.firstMatch(of: /path: "Sources\/([A-Za-z]+)"/).map { String($0.output.1) } ?? name
      let dependencies = part.firstMatch(of: /dependencies: \[([^\]]*)\]/).map { String($0.output.1) } ?? ""
      let declared = Set(dependencies.matches(of: /"([A-Za-z]+)"/).map { String($0.output.1) }).intersection(folders)
      #expect(declared == printed[folder] ?? [], "\(name)")
    }
    #expect(printed.count >= 15)
  }

  /// Each C library is spoken to in one place; the kernels are our own.
  @Test func oneImporterOfEachLibrary() throws {
    let libraries = try FileManager.default.contentsOfDirectory(atPath: "\(checkout)Sources").filter {
      $0.wholeMatch(of: /C[A-Z].*/) != nil && $0 != "CKernels"
    }
    #expect(libraries.count >= 7)
    let printed = try Self.printed()
    for library in libraries {
      let importers = printed.filter { $0.value.contains(library) }.keys.sorted()
      #expect(importers.count == 1, "\(library) is imported by \(importers)")
    }
  }

  /// Command line options are the business of the command line.
  @Test func noOptionsInLibraries() throws {
    let result = try Tool.shell(
      #"grep -rnE '"[^"]*--[a-z]' --include='*.swift' Sources | grep -vE '^Sources/(mgf|Benchmarks|BuildStamp|Fuzzing)/|^[^:]*:[0-9]+: *//'"#
    )
    let allowed = ["--array=1-"]
    for line in result.out.split(separator: "\n") {
      #expect(allowed.contains { line.contains($0) }, "\(line)")
    }
  }
}
