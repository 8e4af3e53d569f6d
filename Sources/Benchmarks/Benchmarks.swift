import Experiments
import Foundation

/// Prints what `make bench` promises and writes it as CSV. All rivals run in this process, alternating with ours.
///
/// Arguments: the folder for the CSV files, then the sections to run (all when none is named), or `diagram` to draw
/// anew what is there, or `large` for the problem of 8 GB. `check` before sections compares their ratios to rivals with the
/// stored ones, `record` stores them: see `RatioGuard`.
@main
struct Benchmarks {
  static func main() {
    prepareLibraries()
    do {
      try run()
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(1)
    }
  }

  private static func run() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let folder = arguments.first ?? "."
    let chosen = arguments.dropFirst()
    if chosen.first == "large" { return try LargeBenchmark.run(folder) }
    if chosen.first == "diagram" { return try WorkPrecisionBenchmark.draw(folder) }
    if chosen.first == "check" || chosen.first == "record" {
      let named = chosen.dropFirst()
      let sections = Section.all(folder).filter { $0.ratios != nil && (named.isEmpty || named.contains($0.name)) }
      if chosen.first == "record" { return try RatioGuard.record(sections) }
      return try RatioGuard.check(sections)
    }
    for section in Section.all(folder) where chosen.isEmpty || chosen.contains(section.name) {
      print("\n\(section.title)")
      let table = try section.table()
      table.print()
      try table.write(to: "\(folder)/\(section.name).csv")
      print("written: \(folder)/\(section.name).csv")
    }
  }
}
