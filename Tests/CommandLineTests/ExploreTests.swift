import Foundation
import TestSupport
import Testing

/// `mgf explore` and `mgf report` from the outside; the page itself is tested in a browser (`Tests/ExplorerTests`).
@Suite struct ExploreTests {
  @Test(arguments: [
    ("explore nothing.sqlite", "nothing.sqlite: there is no such store"),
    ("explore nothing.nc", "nothing.nc: there is no such file"),
    ("explore table.csv", "table.csv: its ending tells no kind of file"),
    ("explore text.json", "text.json"), ("explore text.sqlite", "text.sqlite: it cannot be used as a store"),
    ("explore text.nc", "text.nc"), ("explore --lambda -1", "--lambda -1"), ("explore --until nan", "--until"),
    ("explore --alpha 0", "--alpha 0"), ("explore --port 65536", "a port is 0 to 65535"),
    ("explore --port x", "--port"),
    ("explore --save page.txt", "page.txt: the name must end in .html"),
    ("explore --save no/page.html", "no/page.html"),
    ("explore --save page.html --lambda 2", "--save writes the page with its own settings"),
    ("explore --save page.html flow.nc", "--save page.html: a page without a server cannot read flow.nc"),
    ("explore run.yaml --lambda 2", "not both"), ("explore run.yaml run.yaml", "another experiment"),
    ("report", "files"), ("report run.yaml", "output"), ("report nothing.yaml -o r.html", "nothing.yaml"),
    ("report run.yaml -o r.txt", "r.txt: the name must end in .html"), ("report text.json -o r.html", "text.json"),
    ("report run.yaml -o text.html", "text.html: the file exists"),
  ])
  func mistakes(_ line: String, _ message: String) throws {
    let place = try Tool.folder()
    for name in ["text.json", "text.sqlite", "text.nc", "text.html"] {
      try Tool.write("no such thing", "\(place)/\(name)")
    }
    try Tool.write(
      "command: limit\nproblem: {gaussian: {samples: 3, features: 5, nonzeros: 1}}\nmotion: {lambda: 1}\n",
      "\(place)/run.yaml")
    let result = try Tool.shell("timeout 20 mgf \(line) < /dev/null", in: place)
    #expect(result.code == 64)
    #expect(result.err.contains(message), "\(result.err)")
    #expect(result.out.isEmpty)
  }

  @Test func aPortThatIsTaken() throws {
    let result = try Tool.shell(
      """
      env --default-signal=INT mgf explore --no-open > first.txt & first=$!
      until grep -q Explorer first.txt; do sleep 0.1; done
      port=$(sed 's|.*:\\([0-9]*\\)/.*|\\1|' first.txt); mgf explore --no-open --port $port; code=$?
      kill -INT $first; wait $first; echo "$code $?"
      """, in: Tool.folder())
    #expect(result.out == "64 130\n")
    #expect(result.err.contains("it cannot be listened on: Address already in use"))
  }

  /// The secret is in a file of ours rather than in the arguments of a browser, and a browser that stays does not hold the port.
  @Test func whatOpensThePage() throws {
    let result = try Tool.shell(
      """
      mkdir bin; printf '#!/bin/sh\\necho "$1" > opened.txt\\nexec sleep 8\\n' > bin/xdg-open; chmod +x bin/xdg-open
      export HOME=$PWD PATH=$PWD/bin:$PATH; unset XDG_RUNTIME_DIR
      env --default-signal=INT mgf explore > first.txt & first=$!
      until [ -s opened.txt ]; do sleep 0.1; done
      address=$(sed 's/Explorer: //' first.txt); port=$(echo $address | sed 's|.*:\\([0-9]*\\)/.*|\\1|')
      grep -c "url=$address" $(cat opened.txt); stat -c %a $(cat opened.txt)
      kill -INT $first; wait $first; echo $?; ls $(cat opened.txt) 2>/dev/null
      (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && echo open || echo closed
      """, in: Tool.folder())
    #expect(result.out == "1\n600\n130\nclosed\n", "\(result.err)")
  }

  /// A recorded iteration that no integer holds is a mistake like any other.
  @Test func recordedIterations() throws {
    let place = try Tool.folder()
    try Tool.write(
      """
      command: descend
      problem: {gaussian: {samples: 3, features: 5, nonzeros: 1}}
      motion: {gamma: 0.01, beta: 0.9}
      goal: {iterations: 10}
      recording: {at: [1e300]}
      """, "\(place)/run.yaml")
    let result = try Tool.run("run run.yaml".words, in: place)
    #expect(result.code == 64)
    #expect(result.err.contains("recording.at: 1e+300: it lies outside 0 … 10"), "\(result.err)")
  }

  @Test func thePageAsOneFile() throws {
    let place = try Tool.folder()
    #expect(try Tool.run(["explore", "--save", "page.html"], in: place).code == 0)
    #expect(try Tool.run(["explore", "--save", "page.html"], in: place).code == 64)
    #expect(try Tool.run(["explore", "--save", "page.html", "--force"], in: place).code == 0)
    let text = try String(contentsOfFile: "\(place)/page.html", encoding: .utf8)
    #expect(text.hasSuffix("</html>\n") || text.hasSuffix("</html>\n\n"))
  }

  @Test func reports() throws {
    let place = try Tool.folder()
    try Tool.write(
      """
      name: small
      problem: {gaussian: {samples: 4, features: 6, nonzeros: 2, seed: 1}}
      initialisation: {alpha: 0.1}
      method: heavy-ball
      axes: {gamma: {log: [1e-3, 1e-1, 3]}, beta: [0, 0.5, 0.9]}
      stop: {delta_tolerance: 1e-6}
      """, "\(place)/study.yaml")
    for line in [
      "solve --gaussian 4,6,2 --lambda 0.5 --until 20 --samples 21 --output flow.nc",
      "sweep run study.yaml --output runs.sqlite",
    ] { #expect(try Tool.run(line.words, in: place).code == 0) }
    #expect(try Tool.shell("mgf limit --gaussian 4,6,2 --lambda 1 --json > 'a result.json'", in: place).code == 0)
    let made = try Tool.shell("mgf report flow.nc 'a result.json' runs.sqlite --output report.html", in: place)
    #expect(made.code == 0, "\(made.err)")
    let text = try String(contentsOfFile: "\(place)/report.html", encoding: .utf8)
    #expect(text.ranges(of: "<svg").count >= 3)
    for part in [
      "mgf rerun flow.nc", "mgf rerun 'a result.json'", "mgf sweep export runs.sqlite", "Asymptotic limit",
      "Study small",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("<script"))
    // What was not reached is said, and shown as far as it goes.
    let partial = try Tool.shell(
      "mgf solve --gaussian 4,6,2 --lambda 1 --until 100 --max-work 50 --print-experiment > part.json; "
        + "mgf report part.json -o part.html", in: place)
    #expect(partial.code == 1)
    #expect(partial.err.contains("part.json: what was asked for was not reached"))
    #expect(try String(contentsOfFile: "\(place)/part.html", encoding: .utf8).contains("max-work"))
  }
}
