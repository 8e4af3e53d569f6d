/// A drawing of panels, rendered by gnuplot as SVG, PNG or PDF in one of the widths of papers.
///
/// Texts may hold `_{…}` and `^{…}` for what stands lower and higher; all else is shown as it is.
public struct Figure: Sendable {
  /// The heading over all panels.
  public let title: String
  /// The panels, row by row.
  public let panels: [Panel]
  /// The number of panels in a row, where the width has room for them.
  public let columns: Int

  /// The letter of a panel by its number: a, b, ….
  public static func letter(_ number: Int) -> String { String(Character(UnicodeScalar(UInt8(97 + number % 26)))) }

  /// The endings, and so formats, that can be drawn.
  public static let endings = [".svg", ".png", ".pdf"]

  /// A figure from its parts.
  public init(_ title: String, columns: Int, panels: [Panel]) {
    self.title = title
    self.columns = max(columns, 1)
    self.panels = panels
  }
}
