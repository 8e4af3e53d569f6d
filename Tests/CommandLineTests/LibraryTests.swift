import Foundation
import TestSupport
import Testing

/// The C library: the documentation's program, and what the library shows of itself.
@Suite struct LibraryTests {
  private static let page = "\(checkout)Sources/LibraryInterface/LibraryInterface.docc/LibraryInterface.md"

  private static let products = URL(filePath: Tool.path).deletingLastPathComponent().path()

  private static func block(_ language: String) throws -> String {
    let text = try String(contentsOfFile: page, encoding: .utf8)
    return text.components(separatedBy: "```\(language)\n").dropFirst().first?.components(separatedBy: "```").first
      ?? ""
  }

  @Test func programOfTheDocumentation() throws {
    let folder = try Tool.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let program = try Self.block("c")
    #expect(program.split(separator: "\n").count <= 45)
    try Tool.write(program, folder + "/program.c")
    let compile = try Self.block("sh").trimmingCharacters(in: .whitespacesAndNewlines)
      .replacing("-L.build/release", with: "-L\(Self.products)").replacing(
        "rpath,.build/release", with: "rpath,\(Self.products)"
      )
      .replacing("-ISources", with: "-I\(checkout)Sources").replacing(
        "cc -O2", with: "cc -O2 -Wall -Wextra -Werror -std=c11")
    let built = try Tool.shell(compile, in: folder)
    #expect(built.code == 0, "\(built.err)")
    let run = try Tool.shell("./program", in: folder)
    #expect(run.code == 0, "\(run.err)")
    let lines = run.out.split(separator: "\n")
    let experiment =
      "printf '1,0,2\\n0,1,1\\n' > X.csv; printf '1\\n2\\n' > y.csv; mgf solve --design X.csv --response y.csv"
    let other = try Tool.shell(
      experiment + " --lambda 0.5 --until 10 --at 2.5 -o f.csv --quiet >/dev/null; cat f.csv", in: folder)
    let cells = other.out.split(separator: "\n").last?.split(separator: ",").compactMap { Double($0) } ?? []
    let header = other.out.split(separator: "\n").first?.split(separator: ",").map(String.init) ?? []
    func column(_ name: String) -> Double { header.firstIndex(of: name).map { cells[$0] } ?? .nan }
    let theta = (0..<3).map { k in
      let (plus, minus) = (column("w_plus_\(k)"), column("w_minus_\(k)"))
      return String(format: "%.6f", (plus * plus - minus * minus) / 4)
    }
    #expect(lines.contains { $0 == "theta(2.5) = \(theta.joined(separator: " "))" }, "\(run.out)")
    #expect(lines.contains { $0.hasPrefix("balancedness") } && lines.last?.hasPrefix("{\"atol\":0,") == true)
  }

  /// A header in C++, too; and nothing in the library that NetCDF or SQLite would come with.
  @Test func headerAndLibraries() throws {
    let header = try Tool.shell(
      "echo '#include \"momentumflow.h\"' | c++ -Wall -Werror -x c++ -fsyntax-only -I\(checkout)Sources/CMomentumFlow -"
    )
    #expect(header.code == 0, "\(header.err)")
    let needed = try Tool.shell("readelf -d \(Self.products)/libmomentumflow.so | grep NEEDED")
    #expect(needed.code == 0 && !needed.out.contains("netcdf") && !needed.out.contains("sqlite"), "\(needed.out)")
  }
}
