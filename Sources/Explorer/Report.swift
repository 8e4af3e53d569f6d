import Dynamics
import Experiments
import Figures
import Files
import FoundationEssentials
import Sweeps

/// A page of results that needs nothing else: figures, tables, and what to type to have the same again.
public struct Report {
  private var sections: [String] = []
  private let monitor: RunMonitor
  private let describe: (JSONObject) -> String
  private let say: (Again) -> String

  /// How to have something again.
  public enum Again {
    /// The experiment in a file.
    case run(String)
    /// The experiment that a result came from.
    case rerun(String)
    /// The runs of a store as a table.
    case export(String)
  }

  /// An empty report; `describe` makes a short text of what was found, `say` says how to have it again.
  public init(
    monitor: RunMonitor = RunMonitor(), describing describe: @escaping (JSONObject) -> String,
    saying say: @escaping (Again) -> String
  ) {
    (self.monitor, self.describe, self.say) = (monitor, describe, say)
  }

  /// Adds a file: an experiment, a result or a trajectory, which is computed again, or the store of a sweep.
  ///
  /// Returns whether what was asked for was found. Throws `InvalidInput` for files that hold none of these, `ExportError` when the
  /// figure cannot be drawn.
  public mutating func add(_ path: String) throws -> Bool {
    var subject = Subject()
    try subject.add(path)
    if subject.stores.first != nil { return try add(store: path) }
    return try add(subject.experiment ?? Experiment(of: path), from: path)
  }

  private mutating func add(_ stated: Experiment, from path: String) throws -> Bool {
    let experiment = stated.recordingForFigure()
    let setup = try experiment.setup(monitor: monitor)
    let paying = monitor.paying(WorkMeter(try experiment.limit(on: setup)))
    let found = try experiment.run(on: setup, keepingPath: true, monitor: paying) ?? Measurements()
    let figure = try experiment.figure(found, on: setup, monitor: paying)
    let isResult = path.hasSuffix(".nc") || (try? Experiment(of: path)) != nil
    sections.append(
      Self.section(
        experiment.title, path, figure: try Self.drawing(figure), caption: figure.alternative,
        found: describe(found.json),
        command: say(isResult ? .rerun(path) : .run(path)), document: stated.text))
    return found.isComplete
  }

  private mutating func add(store path: String) throws -> Bool {
    let store = try SweepStore(reading: path)
    let counts = try store.counts()
    var text = "runs       \(counts.runs)\ncompleted  \(counts.completed)\nfailed     \(counts.failed)"
    if let best = counts.bestTestError { text += "\nleast test error  \(short(best, digits: 6))" }
    text += "\n\noutcomes"
    for (name, count) in try store.outcomes() { text += "\n  \(name)  \(count)" }
    let quantities = counts.bestTestError == nil ? ["delta_ratio_median"] : ["test_error", "delta_ratio_median"]
    let figure = try? store.map(of: quantities)
    sections.append(
      Self.section(
        "Study \(store.study.name)", path, figure: try figure.map { try Self.drawing($0) } ?? "",
        caption: figure?.alternative ?? "The study has fewer than two axes of several numbers: no map is drawn.",
        found: text, command: say(.export(path)), document: nil))
    return counts.completed == counts.runs && counts.failed == 0
  }

  /// The report as one HTML page.
  public var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MomentumFlow report</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 60rem; margin: 2rem auto;
      padding: 0 1rem; }
    h1, h2 { font-weight: 600; line-height: 1.2; }
    h2 { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: 1.5rem; }
    figure { margin: 1rem 0; }
    figure svg { max-width: 100%; height: auto; }
    figcaption, .source { color: #555; font-size: 0.9rem; }
    pre { overflow-x: auto; background: #f4f4f4; padding: 0.75rem; font-size: 0.85rem; }
    @media print { h2 { break-before: page; } }
    </style>
    </head>
    <body>
    <h1>MomentumFlow report</h1>
    <p class="source">Made by MomentumFlow \(Provenance.version) (\(Self.escaped(Provenance.commit))) on \
    \(Date.now.formatted(.iso8601)). Flows and iterates on diagonal linear networks after Papazov, Pesme and Flammarion,
    AISTATS 2024, arXiv 2403.05293.</p>
    \(sections.joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private static func section(
    _ title: String, _ path: String, figure: String, caption: String, found: String, command: String, document: String?
  ) -> String {
    """
    <h2>\(escaped(title))</h2>
    <p class="source">From \(escaped(path))</p>
    <figure>
    \(figure)
    <figcaption>\(escaped(caption))</figcaption>
    </figure>
    <h3>What was found</h3>
    <pre>\(escaped(found))</pre>
    <h3>The same again</h3>
    <pre>\(escaped(command))</pre>
    \(document.map { "<details><summary>The experiment</summary>\n<pre>\(escaped($0))</pre>\n</details>" } ?? "")
    """
  }

  /// A figure as SVG within a page. Throws `ExportError` when it cannot be drawn.
  private static func drawing(_ figure: Figure) throws -> String {
    let path = TemporaryFile.path(".svg")
    defer { TemporaryFile.remove(path) }
    try figure.write(to: path)
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    return text.firstRange(of: "<svg").map { String(text[$0.lowerBound...]) } ?? text
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
