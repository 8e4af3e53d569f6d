import Dynamics
import Files
import FoundationEssentials

extension Experiment {
  /// The experiment as a file that can be run: JSON, which is YAML, too.
  public var text: String { JSONValue.object(json).text(indented: true) }

  /// The same with the files that it names found from anywhere: relative ones as seen from `folder`.
  public func naming(filesFrom folder: String) -> Experiment {
    mappingFiles { $0.hasPrefix("/") ? $0 : folder + "/" + $0 }
  }

  /// The same with each file's name replaced.
  package func mappingFiles(_ name: (String) -> String) -> Experiment {
    var copy = self
    switch problem.source {
    case .table(let path, let target, let standardize, let format):
      copy.problem.source = .table(path: name(path), target: target, standardize: standardize, format: format)
    case .matrices(let design, let response, let truth, let format):
      copy.problem.source = .matrices(
        design: name(design), response: name(response), truth: truth.map(name), format: format)
    case .gaussian, .preset, .arrays: break
    }
    func named(_ values: ProblemSpecification.Values) -> ProblemSpecification.Values {
      if case .file(let path) = values { .file(name(path)) } else { values }
    }
    switch problem.start {
    case .layers(let u, let v, let uRate, let vRate)?:
      copy.problem.start = .layers(u: named(u), v: named(v), uRate: uRate.map(named), vRate: vRate.map(named))
    case .blocks(let weights, let rates)?:
      copy.problem.start = .blocks(weights: named(weights), rates: rates.map(named))
    case .alpha?, nil: break
    }
    return copy
  }

  /// The experiment that a result came from: a NetCDF file of a trajectory, or the JSON that a command printed.
  ///
  /// Throws `InvalidInput` for files that hold none.
  public init(of path: String) throws(InvalidInput) {
    func foreign(_ reason: String) -> InvalidInput {
      InvalidInput(
        path, because: Message(reason), remedy: "give a NetCDF file or JSON that mgf has written")
    }
    let text: String
    let file = try ArrayFile(path)
    switch file.format {
    case .netCDF, .hdf5:
      guard let found = try NetCDFInput.globalText("experiment", in: file) else {
        throw foreign("it has no attribute experiment")
      }
      text = found
    case .text: text = String(decoding: try InputFile.text(path).bytes, as: UTF8.self)
    default: throw foreign("it is \(file.format.rawValue)")
    }
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else {
      throw foreign("what it holds is not JSON")
    }
    var found = value
    if case .object(let object) = value, let provenance = object.object("provenance") {
      guard let experiment = provenance["experiment"] else { throw foreign("its provenance holds no experiment") }
      found = experiment
    }
    do throws(InvalidInput) { try self.init(found) } catch { throw error.of("\(path), experiment, \(error.subject)") }
  }
}
