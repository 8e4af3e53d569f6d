import CPage
import FoundationEssentials

/// The explorer's page: its parts lie in the binary, and it is put together into one file that needs nothing else.
public enum Page {
  /// Where the page is at home: it says so to its scripts.
  public enum Home: Sendable {
    /// Served: the library computes.
    case served
    /// A file: WebAssembly computes.
    case file
  }

  /// What the page may do: run its own scripts and WebAssembly, draw, and talk to where it came from.
  static let policy = """
    default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline'; \
    img-src data: blob:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'
    """

  /// The page in one piece.
  public static func text(_ home: Home) -> String {
    let whole = String(decoding: file("page.html"), as: UTF8.self)
    let variables =
      "<script>window.MF_WASM = \"\(Data(file("engine.wasm")).base64EncodedString())\";"
      + (home == .served ? " window.MF_SERVER = true;" : "") + "</script>\n"
    var text = ""
    var isFirst = true
    for line in whole.split(separator: "\n", omittingEmptySubsequences: false) {
      if let name = name(in: line, after: "<script src=\"") {
        if isFirst { text += variables }
        isFirst = false
        text += "<script>\n" + String(decoding: file(name), as: UTF8.self) + "</script>\n"
      } else if let name = name(in: line, after: "<link rel=\"stylesheet\" href=\"") {
        text += "<style>\n" + String(decoding: file(name), as: UTF8.self) + "</style>\n"
      } else {
        text += line + "\n"
      }
    }
    return text
  }

  /// The name of the file that a line of the page names; nil for other lines.
  private static func name(in line: Substring, after tag: String) -> String? {
    guard let start = line.firstRange(of: tag) else { return nil }
    return String(line[start.upperBound...].prefix { $0 != "\"" })
  }

  private static func file(_ name: String) -> UnsafeBufferPointer<UInt8> {
    var count = 0
    return UnsafeBufferPointer(start: mf_page(name, &count), count: count)
  }
}
