import Dynamics
import Experiments
import Files
import Foundation
import RandomStreams
import TestSupport
import Testing
import mgf_fuzz

/// What `make fuzz` looks for, in small: a few new inputs, and all that once failed.
@Suite struct FuzzingTests {
  private func judge(
    _ name: String, accepting expectation: Bool? = nil, _ inputs: (any FuzzTarget) throws -> [(String, [UInt8])]
  ) throws {
    let type = try #require(fuzzTargets.first { $0.name == name })
    let target = try type.init(tool: Fuzz.tool)
    prepareLibraries()
    let folder = try temporaryFolder()
    for (title, input) in try inputs(target) {
      do {
        var isAccepted = false
        let time = try ContinuousClock().measure { isAccepted = try target.judge(input, in: folder) }
        #expect(time < .seconds(type.limit), "\(name), \(title)")
        if let expectation { #expect(isAccepted == expectation, "\(name), \(title)") }
      } catch {
        Issue.record("\(name), \(title): \(error)")
      }
    }
  }

  /// Files under `Cases` that `make fuzz` found, a folder a target: no longer treated wrongly.
  @Test(arguments: fuzzTargets.map { $0.name })
  func whatOnceFailed(_ name: String) throws {
    // All stores and NetCDF files among them are damaged, which must be seen.
    try judge(name, accepting: ["store", "netcdf"].contains(name) ? false : nil) { _ in
      let folder = "\(fuzzFolder)/Cases/\(name)"
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return try files.sorted().map { ($0, Array(try Data(contentsOf: URL(filePath: "\(folder)/\($0)")))) }
    }
  }

  @Test(arguments: fuzzTargets.map { $0.name })
  func newInputs(_ name: String) throws {
    try judge(name) { target in
      (0..<UInt64(name == "options" ? 10 : 100)).map { index in
        var random = draws(seed: 14, name, index)
        return ("input \(index)", target.input(&random))
      }
    }
  }

  /// An input is a function of seed and number, so that a failure can be had again.
  @Test(arguments: fuzzTargets)
  func inputsAreReproducible(_ type: any FuzzTarget.Type) throws {
    let target = try type.init(tool: nil)
    var (a, b, c) = (draws(seed: 3, type.name, 7), draws(seed: 3, type.name, 7), draws(seed: 3, type.name, 8))
    let inputs = (target.input(&a), target.input(&b), target.input(&c))
    #expect(inputs.0 == inputs.1 && inputs.0 != inputs.2)
  }

  /// Whole files of the classic formats pass the look at their header; a header that is cut short does not, nor data.
  @Test func classicHeaders() throws {
    var cut = 0
    for index in 0..<200 {
      var random = draws(seed: 5, "classic", UInt64(index))
      let file = ClassicNetCDF.file(&random)
      try ClassicHeader.check("x.nc", unpacked: file)
      // All have a variable's header at least behind the lists of dimensions and attributes.
      for length in [8, 20, 60, 100] {
        let error = #expect(throws: InvalidInput.self) {
          try ClassicHeader.check("x.nc", unpacked: Array(file.prefix(length)))
        }
        #expect(error?.reason.description.contains("header is damaged") == true)
      }
      // The last word holds data, unless there are no records or only padding.
      if (try? ClassicHeader.check("x.nc", unpacked: Array(file.dropLast(4)))) == nil { cut += 1 }
    }
    #expect(cut > 150, "\(cut)")
  }
}
