import Foundation
import Portable
import TestSupport
import Testing

/// The checked-in WebAssembly module: the bits of the twin natively, and the bytes of its sources.
@Suite struct WebAssemblyTests {
  private static let module = "\(checkout)Sources/Explorer/Page/engine.wasm"
  private static let node = ["/usr/bin/node", "/usr/local/bin/node"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  private static let compiler: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/opt/swift/usr/bin"]
    return folders.first {
      FileManager.default.isExecutableFile(atPath: "\($0)/wasm-ld")
        && FileManager.default.fileExists(
          atPath: "\($0)/../lib/swift/embedded/wasm32-unknown-none-wasm")
        // Other compilers make other bytes.
        && (try? output("\($0)/swiftc", ["--version"]))?.contains("Swift version 6.3.1 ") == true
    }
  }()

  private static func output(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    (process.executableURL, process.arguments) = (URL(filePath: program), arguments)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  /// Runs of every kind: how the module begins them, and the twin.
  private static var specimens: [(call: String, run: Twin.Run)] {
    func start(_ alpha: Double, _ d: Int) -> [Double] { [Double](repeating: 2.0.squareRoot() * alpha, count: 2 * d) }
    let (small, large) = (
      Twin.Problem(gaussian: 6, 10, nonzeros: 2, seed: 7), Twin.Problem(gaussian: 20, 30, nonzeros: 3, seed: 1)
    )
    let rest = { (d: Int) in [Double](repeating: 0, count: 2 * d) }
    let (w, v, W, V) = (start(0.1, 10), rest(10), start(0.01, 30), rest(30))
    let heavyBall = Twin.DescentMethod(gamma: 0.02, beta: 0.9)
    let nesterov = Twin.DescentMethod(lambda: 0.5, step: 0.1, isNesterov: true)
    return [
      (
        "small(); put([0, 0.5, 3.25, 20]); x.record(3, 4); x.flow(0.5, 1e-12, 0, 20, -1, 1e9);",
        .flow(
          Twin.FlowRun(
            small, lambda: 0.5, weights: w, rates: v, relative: 1e-12, absolute: 0, until: 20,
            recording: .times([0, 0.5, 3.25, 20])))
      ),
      (
        "small(); x.record(2, 12); x.flow(0, 1e-10, 0, 1e6, 1e-5, 1e9);",
        .flow(
          Twin.FlowRun(
            small, lambda: 0, weights: w, rates: v, relative: 1e-10, absolute: 0, until: 1e6, residual: 1e-5,
            recording: .logarithmic(12)))
      ),
      (
        "small(); put([0, 10, 999]); x.record(4, 3); x.descent(0.5, 0.1, 1, 1, 1000, -1);",
        .descent(
          Twin.DescentRun(
            small, nesterov, weights: w, rates: v, iterations: 1000, recording: .iterations([0, 10, 999])))
      ),
      (
        "large(); x.flow_limit(1, 1e-15, 0, 1e-10, 1e15, 1e9, 1);",
        .limit(Twin.LimitRun(large, .momentum(1), weights: W, rates: V))
      ),
      (
        "large(); x.flow_limit(0, 1e-15, 0, 1e-10, 1e15, 1e9, 1);",
        .limit(Twin.LimitRun(large, .gradientFlow, weights: W, rates: V))
      ),
      (
        "small(); x.descent_limit(0.02, 0.9, 0, 0, 1e-10, 1e6, 1e9);",
        .limit(
          Twin.LimitRun(small, .discrete(heavyBall), weights: w, rates: v, maximumTime: 1e6))
      ),
      (
        "small(); put([0.1, 0.05]); x.compare(0.5, 1e-10, 0, 0, 5, 2);",
        .comparison(Twin.ComparisonRun(small, lambda: 0.5, weights: w, rates: v, steps: [0.1, 0.05], until: 5))
      ),
    ]
  }

  /// All results of all kinds of runs, bit for bit, twice over with memory that stays flat.
  @Test(.enabled(if: node != nil, "node is not installed"))
  func bitsInNode() throws {
    let node = try #require(Self.node)
    let specimens = Self.specimens
    let script = """
      const x = new WebAssembly.Instance(new WebAssembly.Module(require("fs").readFileSync(process.argv[1])), {}).exports;
      const put = (list) => { const at = x.input(list.length); new Float64Array(x.memory.buffer, at, list.length).set(list); };
      const begin = (n, d, s, seed, alpha) => {
        x.gaussian(n, d, s, 0, seed, 0);
        put([...Array(2 * d).fill(Math.SQRT2 * alpha), ...Array(2 * d).fill(0)]);
        x.start();
      };
      const small = () => begin(6, 10, 2, 7, 0.1), large = () => begin(20, 30, 3, 1, 0.01);
      const bits = (x) => { const view = new DataView(new ArrayBuffer(8)); view.setFloat64(0, x); return view.getBigUint64(0).toString(16); };
      const runs = [\(specimens.map { "() => { \($0.call) }" }.joined(separator: ", "))];
      let size = 0;
      for (let round = 0; round < 3; round++) {
        for (const run of runs) {
          run();
          while (!x.advance(100));
          for (let k = 0; round === 0 && k < 9; k++) {
            const [count, at] = [x.count(k), x.list(k)];
            console.log(Array.from(new Float64Array(x.memory.buffer, at, count), bits).join(" "));
          }
          x.forget();
        }
        if (round === 1) size = x.memory.buffer.byteLength;
      }
      console.log(x.memory.buffer.byteLength === size ? "flat" : "grew");
      """
    let lines = try Self.output(node, ["-e", script, Self.module]).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, specimen) in specimens.enumerated() {
      while !specimen.run.advance(1000) {}
      #expect(specimen.run.outcome != .running)
      let results = specimen.run.results
      for k in 0..<9 {
        // What is not a number has no sign and no payload worth comparing.
        let expected = (k < results.count ? results[k] : []).map { $0.isNaN ? "nan" : String($0.bitPattern, radix: 16) }
        let found = lines[9 * index + k].split(separator: " ").map { text in
          UInt64(text, radix: 16).map { Double(bitPattern: $0) }?.isNaN == true ? "nan" : String(text)
        }
        #expect(found == expected, "\(specimen.call) list \(k)")
      }
    }
    #expect(lines[9 * specimens.count] == "flat")
  }

  /// What the page's self-test knows are the bits of the twin natively: `results` of its specimens hash to them.
  @Test func bitsKnownToThePage() throws {
    let text = try String(contentsOfFile: "\(checkout)Sources/Explorer/Page/selftest.js", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("  const known = ") })
    let json = line.dropFirst("  const known = ".count).dropLast()
    let known = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    func start(_ alpha: Double, _ d: Int) -> [Double] { [Double](repeating: 2.0.squareRoot() * alpha, count: 2 * d) }
    let (w, v) = (start(0.1, 30), [Double](repeating: 0, count: 60))
    let problem = Twin.Problem(gaussian: 20, 30, nonzeros: 3, seed: 1)
    let other = Twin.Problem(gaussian: 20, 30, nonzeros: 3, seed: 2)
    let wide = Twin.Problem(gaussian: 40, 100, nonzeros: 5, seed: 1)
    let even = (0...20).map { 100 * $0 }
    let runs: [(String, Twin.Run)] = [
      (
        "solve mgf",
        .flow(
          Twin.FlowRun(
            problem, lambda: 0.5, weights: w, rates: v, relative: 1e-10, absolute: 0, until: 100,
            recording: .times((0...100).map { $0 == 100 ? 100 : Double($0) / 100 * 100 })))
      ),
      (
        "descend heavy-ball",
        .descent(
          Twin.DescentRun(
            problem, Twin.DescentMethod(lambda: 0.5, step: 0.05), weights: w, rates: v, iterations: 2000,
            recording: .iterations(even)))
      ),
      (
        "descend nesterov",
        .descent(
          Twin.DescentRun(
            other, Twin.DescentMethod(gamma: 0.01, beta: 0.9, isNesterov: true), weights: w, rates: v,
            iterations: 1000, recording: .iterations((0...10).map { 100 * $0 })))
      ),
      ("limit mgf 0.1", .limit(Twin.LimitRun(problem, .momentum(0.1), weights: w, rates: v))),
      ("limit mgf 1", .limit(Twin.LimitRun(problem, .momentum(1), weights: w, rates: v))),
      (
        "limit gf",
        .limit(
          Twin.LimitRun(
            wide, .gradientFlow, weights: start(1e-3, 100), rates: [Double](repeating: 0, count: 200)))
      ),
    ]
    for (name, run) in runs {
      while !run.advance(1000) {}
      #expect(String(format: "%016lx", run.fingerprint) == known[name], "\(name)")
    }
  }

  /// Compiled again, the sources make the bytes that are checked in.
  @Test(.enabled(if: compiler != nil, "this toolchain is not Swift 6.3.1 with Embedded Swift for WebAssembly"))
  func reproducibleBytes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = "\(checkout)Sources/Portable/WebAssembly/build.sh"
    _ = try Self.output("/bin/sh", [script, folder.path(), try #require(Self.compiler)])
    let (made, known) = (
      try Data(contentsOf: folder.appending(path: "engine.wasm")), try Data(contentsOf: URL(filePath: Self.module))
    )
    #expect(made == known, "engine.wasm is not what its sources make: run make wasm")
  }
}
