import Foundation
import Sweeps
import TestSupport
import Testing

/// Mistakes of YAML itself.
extension MistakeTests {
  /// Nothing that YAML can express takes long, or more than one message.
  @Test(arguments: [
    ("? &a [1,1,1]\n: 1\n? &b [*a,*a]\n: 1\n", "study:1:3: &a: an anchor has no place in a study file"),
    ("name: &a [*a]\n", "study:1:7: &a: an anchor"),
    ("x: *x\n", "study:1:4: *x: an alias has no place in a study file"),
    ("name: s\n<<: *x\n", "study:2:5: *x: an alias"), ("- [*b]\n", "study:1:4: *b: an alias"),
    ("{*a : 1, *b : 2}", "study:1:2: *a: an alias"), ("name: !!str s", "study:1:7: !!str: a tag has no place"),
    ("name: !<tag:x> s", "study:1:7: !<tag: a tag"),
    ("a: b\n---\nc: d\n", "study:2:1: a study file holds one document"),
    ("name: \"\\*\"", "study:1:8: it is not YAML"), ("", "study:1:1: the study file is empty"),
    ("- 1", "study:1:1: the study: a mapping is needed"), ("3", "study:1:1: the study: a mapping is needed"),
    ("? [1]\n: 2\n", "study:1:3: the study: a text is needed"), ("name: a\tb: c", "study:1:"),
    ("name: 'é&ü*' # *a &b !c\ntitle: *d", "study:2:8: *d: an alias"),
  ])
  func references(_ text: String, _ message: String) {
    do {
      _ = try Study(yaml: text)
      Issue.record("\(text) was accepted")
    } catch {
      #expect(error.description.hasPrefix(message), "\(error.description)")
    }
  }

  @Test func bombs() throws {
    let letters = Array("abcdefghijklmnopqrst")
    var bomb = "? &a [" + [String](repeating: "1", count: 9).joined(separator: ",") + "]\n: 1\n"
    for k in 1..<letters.count {
      let nine = [String](repeating: "*\(letters[k - 1])", count: 9).joined(separator: ",")
      bomb += "? &\(letters[k]) [\(nine)]\n: 1\n"
    }
    let deep = [
      (bomb, "study:1:3: &a"), (String(repeating: "[", count: 100_000), "levels deep"),
      (String(repeating: "{a: ", count: 100_000), "levels deep"),
      (String(repeating: "? ", count: 100_000), "levels deep"),
      (String(repeating: "- ", count: 100_000), "levels deep"),
      ("name: " + String(repeating: "x", count: 10_000_000), "bytes"),
      (String(repeating: "? ", count: 900) + String(repeating: "a", count: 100_000), "a text is needed"),
    ]
    for (text, message) in deep {
      let clock = ContinuousClock()
      let time = clock.measure {
        do {
          _ = try Study(yaml: text)
          Issue.record("accepted")
        } catch {
          #expect(
            "\(error)".contains(message) && "\(error)".hasPrefix("study:1:"), "\(error)")
        }
      }
      #expect(time < .seconds(20), "\(message): \(time)")
    }
    // What only looks like a reference is text.
    let harmless = Base.hb.text.replacing("name: s", with: "# *note* & more!\nname: \"a *b & c!\" # *x")
    #expect(try Study(yaml: harmless).name == "a *b & c!")
    #expect(try Study(yaml: Base.hb.text.replacing("name: s", with: "name: R&D *a !b")).name == "R&D *a !b")
  }

  @Test func encodings() throws {
    let path = try temporaryFolder() + "/study.yaml"
    for (data, message) in [
      (Data([0x6e, 0x3a, 0x20, 0xe9, 0x0a]), ":1:4: the study file is not UTF-8 text"),
      (Data([0x61, 0x0a, 0x62, 0xff]), ":2:2: the study file is not UTF-8 text"),
      (Data([0xff, 0xfe, 0x61, 0x00]), ":1:1: the study file is UTF-16"),
      (Data("name: a\0b".utf8), ":1:8: it is not YAML: control characters are not allowed"),
    ] {
      try data.write(to: URL(filePath: path))
      do {
        _ = try Study(contentsOf: path)
        Issue.record("accepted")
      } catch {
        #expect(error.description.contains(message), "\(error.description)")
      }
    }
    try Data(([0xef, 0xbb, 0xbf] as [UInt8]) + Array(Base.hb.text.utf8)).write(to: URL(filePath: path))
    #expect(try Study(contentsOf: path).name == "s")
  }
}
