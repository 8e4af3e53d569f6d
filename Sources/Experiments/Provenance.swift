import Dynamics
import Files
import FoundationEssentials
import GSLSteppers
import LinearAlgebra

/// Where a result comes from: version, commit, command, libraries, host and date.
public struct Provenance: Sendable {
  /// The version of this package.
  public static let version = "0.1.0"

  /// The commit that this was built from.
  public static var commit: String { buildCommit }

  /// The entries in order.
  public let entries: [(name: String, value: String)]

  /// What was run, when it was a single experiment.
  public let experiment: Experiment?

  /// The provenance of a run started by `arguments`, or of one within a program that is not ours, which writes its own files;
  /// `reading` says how its files were read.
  public init(arguments: [String]?, seed: UInt64?, reading: [Message] = [], experiment: Experiment? = nil) {
    self.experiment = experiment?.naming(filesFrom: FileManager.default.currentDirectoryPath)
    let entries: [(name: String, value: String?)] = [
      ("input", reading.isEmpty ? nil : reading.joined(separator: "; ").description),
      ("software", "MomentumFlow"),
      ("version", Self.version),
      ("commit", buildCommit),
      ("command_line", arguments?.map(Self.quoted).joined(separator: " ")),
      ("seed", seed.map { "\($0)" } ?? "none"),
      ("library_gsl", GSLScheme.libraryVersion),
      ("library_openblas", Arithmetic.libraryVersion),
      ("instruction_set", Arithmetic.instructionSet),
      // Asking loads it.
      ("library_netcdf", arguments == nil ? nil : NetCDFFile.libraryVersion),
      ("host", ProcessInfo.processInfo.hostName),
      ("date", Date.now.formatted(.iso8601)),
    ]
    self.entries = entries.compactMap { entry in entry.value.map { (entry.name, $0) } }
  }

  /// The provenance as JSON.
  public var json: JSONObject {
    var object = JSONObject()
    for (name, value) in entries { object[name] = .string(value) }
    object["layout"] = .integer(Measurements.layout)
    if let experiment { object["experiment"] = .object(experiment.json) }
    return object
  }

  /// The provenance as global attributes of a file, with the CF conventions' own names in front.
  public func attributes(title: String) -> [(name: String, value: AttributeValue)] {
    [
      ("Conventions", .text("CF-1.8")), ("title", .text(title)),
      ("source", .text("MomentumFlow \(Self.version)")),
      ("references", .text("Papazov, Pesme, Flammarion, AISTATS 2024, arXiv:2403.05293")),
    ] + entries.map { ($0.name, .text($0.value)) } + [("layout", .integer(Measurements.layout))]
      + (experiment.map { [("experiment", .text(JSONValue.object($0.json).text()))] } ?? [])
  }

  /// An argument as a shell reads it.
  package static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0) }
    guard !plain || argument.isEmpty else { return argument }
    return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
