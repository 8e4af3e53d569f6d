import ArgumentParser
import Figures
import Sweeps

extension SweepCommand {
  struct MapRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "map",
      abstract: "Draw what runs found over two axes, as colours.",
      discussion: """
        Medians over all other axes; over gamma and beta with lines of equal λ, and momenta as 1 − β.

        Example: mgf sweep map map.sqlite --value test_error,delta_ratio_median --figure map.svg
        """)

    @Argument(help: "The store.", completion: .file(extensions: ["sqlite"]))
    var store: String

    @Option(
      help: ArgumentHelp(
        "What to draw: columns of the store (default: the test error, where there is one, and the median Δ∞/Δ₀).",
        valueName: "name1,name2,…"), transform: { $0.split(separator: ",").map(String.init) })
    var value: [String]?

    @Option(help: ArgumentHelp("The axis across, with --y (default: the first of the study).", valueName: "setting"))
    var x: String?

    @Option(help: ArgumentHelp("The axis upwards, with --x (default: the second of the study).", valueName: "setting"))
    var y: String?

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp("Only runs that meet this: seed=3, alpha>=1e-3.", valueName: "condition"))
    var filter: [String] = []

    @OptionGroup(title: "Output") var figure: FigureOptions

    func validate() throws {
      guard figure.isWanted else { throw ValidationError("--figure FILE.svg is missing: where to draw the map.") }
      guard (x == nil) == (y == nil) else { throw ValidationError("--x and --y go together.") }
    }

    func run() throws {
      let style = try figure.check()
      let store = try SweepStore(reading: store)
      let filters = try filter.map { try RunFilter($0, store.study) }
      let counts = try store.counts()
      if counts.completed < counts.runs {
        note("note: \(counts.runs - counts.completed) of \(counts.runs) runs are missing; cells without a run are grey")
      }
      let hasTest = counts.bestTestError != nil
      let values = value ?? (hasTest ? ["test_error", "delta_ratio_median"] : ["delta_ratio_median"])
      let axes: (x: String, y: String)? = if let x, let y { (x, y) } else { nil }
      try figure.write(try store.map(of: values, over: axes, filters: filters), style)
    }
  }
}
