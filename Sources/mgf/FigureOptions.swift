import ArgumentParser
import Dynamics
import Figures
import Files

/// Where and how to draw the picture of a result.
struct FigureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Draw the figure, .svg, .png or .pdf.", valueName: "file"),
    completion: .file(extensions: ["svg", "png", "pdf"]))
  var figure: String?

  @Option(
    help: ArgumentHelp("Write all points of the figure to this file.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var figureData: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How wide the figure is: 3.25in for one column, 6.75in for two; in, cm, mm or pt.", valueName: "width"),
    transform: Self.inches)
  var width: Double = FigureStyle.page

  @Option(
    help: ArgumentHelp("light, for paper, or dark, for the web.", valueName: "theme"),
    completion: .list(["light", "dark"]))
  var theme: FigureStyle.Theme = .light

  @Option(
    help: ArgumentHelp("Only these panels of the figure, such as a,c.", valueName: "letters"),
    transform: { $0.split(separator: ",").map(String.init) })
  var panels: [String]?

  @Option(help: ArgumentHelp("Another heading of the figure; \"\" for none.", valueName: "text"))
  var title: String?

  @Flag(help: "Replace output files that exist.")
  var force = false

  /// Whether there is anything to draw.
  var isWanted: Bool { figure != nil || figureData != nil }

  private static func inches(_ text: String) throws -> Double {
    let units = ["in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72.0]
    guard let unit = units.first(where: { text.hasSuffix($0.key) }), let value = Double(text.dropLast(2)),
      value.isFinite
    else { throw ValidationError("write a number and in, cm, mm or pt, such as 3.25in.") }
    return value * unit.value
  }

  func validate() throws {
    guard (try? FigureStyle(width: width)) != nil else {
      throw ValidationError("--width: figures are 2in to 40in wide; papers take 3.25in or 6.75in.")
    }
  }

  /// Finds out before any work whether the files can be written, and how it is to look.
  func check() throws -> FigureStyle {
    if let figure {
      try OutputFile.check(figure, endings: Figure.endings, force: force)
      try Figure.requireRenderer(for: figure)
    }
    if let figureData { try OutputFile.check(figureData, endings: [".csv"], force: force) }
    return try FigureStyle(width: width, theme: theme)
  }

  /// Draws what is wanted. Throws `ExportError`.
  func write(_ whole: Figure, _ style: FigureStyle) throws(ExportError) {
    var chosen = whole.panels
    if let panels {
      let letters = whole.panels.indices.map(Figure.letter)
      let places = panels.compactMap(letters.firstIndex(of:))
      guard places.count == panels.count, !places.isEmpty else {
        throw ExportError(
          .unusable, figure ?? figureData ?? "figure",
          "--panels \(panels.joined(separator: ",")): this figure has the panels \(letters.joined(separator: ", "))")
      }
      chosen = places.map { whole.panels[$0] }
    }
    let drawing = Figure(title ?? whole.title, columns: whole.columns, panels: chosen)
    if let figure { try drawing.write(to: figure, style: style) }
    if let figureData { try drawing.writeData(to: figureData) }
  }
}

extension FigureStyle.Theme: ExpressibleByArgument {}
