import Explorer
import Testing

struct PageTests {
  /// All that the page needs is within it, in both of its homes.
  @Test(arguments: [Page.Home.served, .file])
  func onePiece(_ home: Page.Home) {
    let text = Page.text(home)
    #expect(text.hasPrefix("<!doctype html>"))
    for outside in ["<script src", "<link rel=\"stylesheet\"", "@import", "importScripts(\"http", "fetch(\"http"] {
      #expect(!text.contains(outside), "\(outside)")
    }
    // Each script ends where it is meant to.
    let (opened, closed) = (text.ranges(of: "<script>").count, text.ranges(of: "</script>").count)
    #expect(opened == closed)
    #expect(opened > 10)
    #expect(text.contains("window.MF_WASM = \"AGFzbQ"))
    #expect(text.contains("window.MF_SERVER = true") == (home == .served))
  }
}
