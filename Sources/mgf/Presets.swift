import ArgumentParser
import Experiments

struct Presets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the named published settings.",
    discussion: "Example: mgf presets, then mgf solve --preset even-2023-centred --lambda 1 --until 100")

  @OptionGroup(title: "Report") var report: ReportOptions

  func run() throws {
    try printReport(presetList().json, report)
  }
}
