import Dynamics
import Figures
import Foundation
import TestSupport
import Testing

/// Figures: nothing overlaps, nothing is lost, everything is said in words, too.
@Suite struct FigureTests {
  private static let x = (1...40).map { Double($0) }

  private static func curves(_ count: Int, named name: (Int) -> String, spread: Double = 1) -> [Figure.Series] {
    (0..<count).map { k in
      Figure.Series(
        name(k), x: x, y: x.map { $0 * (1 + spread * Double(k)) }, low: x.map { 0.8 * $0 * (1 + spread * Double(k)) },
        high: x.map { 1.3 * $0 * (1 + spread * Double(k)) },
        strands: [.init(x: x, y: x.map { 1.5 * $0 * (1 + spread * Double(k)) })],
        style: k % 2 == 0 ? .linePoints : .dashed)
    }
  }

  /// One of everything, and what is hard to place: long names, ends at one height, marks side by side, ranges without width.
  private static let cases: [(name: String, panels: [Figure.Panel])] = [
    ("few", [Figure.Panel("few", xLabel: "t", yLabel: "y", series: curves(3) { "curve \($0)" })]),
    (
      "equal ends",
      [
        Figure.Panel(
          "", xLabel: "t", yLabel: "y", yLogarithmic: true, series: curves(5, named: { "name \($0)" }, spread: 0))
      ]
    ),
    (
      "many",
      (1...5).map { n in
        Figure.Panel(
          "\(3 * n) curves with a title that needs more than one line of the page", xLabel: "time step ε",
          yLabel: "error",
          xLogarithmic: true, yLogarithmic: true, series: curves(3 * n) { "probe set number \($0)" })
      }
    ),
    (
      "long names",
      [
        Figure.Panel(
          String(repeating: "word ", count: 40), xLabel: String(repeating: "label ", count: 30),
          yLabel: String(repeating: "label ", count: 30),
          series: curves(4) { "a_feature^whose{name}&is<very>'long\"\\ \($0) " + String(repeating: "x", count: 60) })
      ]
    ),
    (
      "marks",
      [
        Figure.Panel(
          "marks", xLabel: "λ", yLabel: "y", xLogarithmic: true, series: curves(2) { "c\($0)" },
          marks: [
            .init(.x, at: 10, "λ_{cert}"), .init(.x, at: 10.5, "λ_{c}"), .init(.x, at: 11, "λ*"),
            .init(.x, at: 1, "first"),
            .init(.x, at: 40, "the last of them"), .init(.y, at: 20, "level"), .init(.y, at: 21, "another level"),
          ]),
        Figure.Panel("points", xLabel: "λ", yLabel: "y", series: [.init("cloud", x: x, y: x, style: .points)]),
      ]
    ),
    (
      "ranges",
      [
        Figure.Panel("one point", xLabel: "t", yLabel: "y", series: [.init("one", x: [3], y: [5])]),
        Figure.Panel(
          "huge", xLabel: "t", yLabel: "y", xLogarithmic: true, yLogarithmic: true,
          series: [.init("huge", x: [1e-300, 1e300], y: [1e-300, 1e300])]),
        Figure.Panel(
          "narrow", xLabel: "t", yLabel: "y", yLogarithmic: true, series: [.init("narrow", x: [1, 2], y: [1, 1.01])]),
        Figure.Panel(
          "nothing", xLabel: "t", yLabel: "y", yLogarithmic: true, series: [.init("no", x: [1, 2], y: [-1, .nan])]),
        Figure.Panel("no curve", xLabel: "t", yLabel: "y", series: []),
        Figure.Panel("tiny", xLabel: "t", yLabel: "y", series: [.init("tiny", x: [0, 1e-9], y: [-3e-9, 2e-9])]),
        Figure.Panel(
          "far from 0", xLabel: "t", yLabel: "y", series: [.init("far", x: [1e9, 1e9 + 1], y: [123_456.1, 123_456.9])]),
      ]
    ),
    (
      "map",
      [true, false].map { logarithmic in
        Figure.Panel(
          "map", xLabel: "γ", yLabel: "1 − β", xLogarithmic: logarithmic, yLogarithmic: logarithmic,
          series: [.init("equal λ: 0.1, 1, 10", x: [1, 4, .nan, 1, 4], y: [1, 2, .nan, 2, 3], style: .theory)],
          map: Figure.HeatMap(
            x: [1, 2, 4], y: [1, 2, 3], values: [[1, 10, 100], [.nan, 3, 4], [0, -1, .infinity]],
            label: "a quantity with a long name, per unit of something", isLogarithmic: logarithmic))
      }
    ),
  ]

  @Test(arguments: cases.map(\.name), [2.0, 3.25, 6.75])
  func textsHaveTheirPlaces(_ name: String, _ width: Double) throws {
    let panels = try #require(Self.cases.first { $0.name == name }).panels
    let path = try temporaryFolder() + "/f.svg"
    for (columns, theme) in [(1, FigureStyle.Theme.light), (2, .dark), (3, .light)] {
      let title = "A title with λ_{c} and θ∞, long enough to need a second line where the page is narrow"
      let figure = Figure(title, columns: columns, panels: panels)
      try figure.write(to: path, style: FigureStyle(width: width, theme: theme))
      let faults = try SVGText.faults(path)
      #expect(faults.isEmpty, "\(faults)")
    }
  }

  /// What the documentation shows: the figure of every study, and those of the guide.
  @Test(arguments: ["Questions", "Guide"])
  func shownFigures(_ target: String) throws {
    let folder = "\(checkout)Sources/\(target)/\(target).docc" + (target == "Guide" ? "" : "/Resources")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".svg") }
    #expect(names.count >= (target == "Guide" ? 5 : 14))
    for name in names {
      let faults = try SVGText.faults("\(folder)/\(name)")
      #expect(faults.isEmpty, "\(name): \(faults)")
    }
  }

  @Test(arguments: [("svg", "<?xml"), ("png", "\u{89}PNG"), ("pdf", "%PDF")])
  func formats(_ ending: String, _ magic: String) throws {
    let path = try temporaryFolder() + "/it's a figure.\(ending)"
    try Figure("λ = 1, it's", columns: 2, panels: Self.cases.flatMap(\.panels)).write(to: path)
    let data = try Data(contentsOf: URL(filePath: path))
    #expect(data.count > 1000)
    #expect(data.prefix(magic.unicodeScalars.count).elementsEqual(magic.unicodeScalars.map { UInt8($0.value) }))
  }

  @Test func itIsSaidInWords() throws {
    let path = try temporaryFolder() + "/f.svg"
    let figure = Figure(
      "A < B & C", columns: 1,
      panels: [
        Figure.Panel(
          "errors", xLabel: "ε", yLabel: "error", xLogarithmic: true,
          series: [.init("order 1", x: [0.01, 0.1], y: [0.002, 0.02]), .slope(-1, over: [0.01, 0.1], from: 1)],
          marks: [.init(.x, at: 0.05, "λ_{c}"), .init(.y, at: 1, "")])
      ])
    try figure.write(to: path)
    let svg = try String(contentsOfFile: path, encoding: .utf8)
    #expect(svg.contains("<title>A &lt; B &amp; C</title>") && svg.contains("role=\"img\""))
    #expect(
      figure.alternative
        == "errors: error against ε, x logarithmic. Curves: order 1, from 0.002 to 0.02; slope −1. Marked: λc at 0.05.")
    #expect(svg.contains("<desc>\(figure.alternative)</desc>"))
  }

  @Test func everyPointIsInTheData() throws {
    let path = try temporaryFolder() + "/f.csv"
    let figure = Figure("t", columns: 1, panels: [Self.cases[0].panels[0], Self.cases[6].panels[0]])
    try figure.writeData(to: path)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(lines[0] == "panel,curve,repetition,x,y,low,high,value")
    #expect(lines[1] == "few,curve 0,,1.0,1.0,0.8,1.3,")
    #expect(lines.count == 1 + 3 * 80 + 9 + 5)
    #expect(
      lines.contains("few,curve 2,1,40.0,180.0,,,")
        && lines.contains("map,\"a quantity with a long name, per unit of something\",,4.0,1.0,,,100.0"))
  }

  /// Named values are as near to where they belong as can be, in order, and apart.
  @Test func namesMoveApart() {
    #expect(FigureLayout.spread([10, 50, 90], apart: 9, within: 0...100) == [10, 50, 90])
    #expect(FigureLayout.spread([50, 50, 50], apart: 10, within: 0...100) == [40, 50, 60])
    #expect(FigureLayout.spread([0, 0], apart: 10, within: 0...100) == [0, 10])
    #expect(FigureLayout.spread([99, 100], apart: 10, within: 0...100) == [90, 100])
    var random = SystemRandomNumberGenerator()
    for count in 1...9 {
      let wanted = (0..<count).map { _ in Double.random(in: 0...100, using: &random) }.sorted()
      let found = FigureLayout.spread(wanted, apart: 10, within: 0...100)
      #expect(found.count == count && zip(found, found.dropFirst()).allSatisfy { $1 - $0 > 9.999 })
      #expect(found.allSatisfy { (-0.001...100.001).contains($0) }, "\(wanted)")
    }
  }

  @Test(arguments: [
    ([0.0, 1], false, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ([1e-5, 1], true, ["10^{−5}", "10^{−4}", "10^{−3}", "10^{−2}", "10^{−1}", "10^{0}"]),
    ([0.01, 100], true, ["0.01", "0.1", "1", "10", "100"]), ([2, 7], true, ["2", "3", "4", "5", "6", "7"]),
    ([-2e-9, 2e-9], false, ["−2·10^{−9}", "−10^{−9}", "0", "10^{−9}", "2·10^{−9}"]),
  ])
  func ticks(_ values: [Double], _ logarithmic: Bool, _ labels: [String]) {
    var axis = FigureAxis(values, logarithmic: logarithmic, margin: 0)
    axis.choose(length: 200) { FigureText.width($0) }
    #expect(axis.major.map(\.label) == labels)
    #expect(axis.minor.allSatisfy { $0 >= axis.low * (1 - 1e-9) - 1e-20 && $0 <= axis.high * (1 + 1e-9) })
  }

  @Test func widthsAreThoseOfPapers() {
    #expect(throws: InvalidInput.self) { try FigureStyle(width: 1) }
    #expect(throws: InvalidInput.self) { try FigureStyle(width: .nan) }
    #expect(FigureText.wrapped("one two three", to: FigureText.width("one two")) == ["one two", "three"])
    #expect(FigureText.shortened("abcdefgh", to: FigureText.width("abcd…")) == "abcd…")
  }
}
