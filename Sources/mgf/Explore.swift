import ArgumentParser
import Dynamics
import Experiments
import Explorer
import Files
import Regression

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

struct Explore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explore the dynamics live in a browser, or sweeps and trajectories.",
    discussion: """
      Serves one page to this machine alone and opens it: every slider recomputes the flow, the iterates and their \
      limits. Ctrl-C ends it. The address holds a secret; who has it can use the explorer. Through a tunnel, \
      ssh -L 8000:localhost:8000 with --port 8000, the address works on your own machine.

      --save writes the page as one file that needs no server: it computes in the browser, small problems only.

      Examples:

        mgf explore --gaussian 20,30,3
        mgf explore map.sqlite flow.nc
        mgf explore --save momentum.html
      """)

  @Argument(
    help: "An experiment (.yaml, .json), stores of sweeps (.sqlite), trajectories (.nc).",
    completion: .file(extensions: ["yaml", "yml", "json", "sqlite", "nc"]))
  var files: [String] = []

  @OptionGroup(title: "Problem") var problem: ProblemOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("λ = γ/(1−β)² > 0 to begin with (default 1).", valueName: "λ"),
    transform: Parse.real)
  var lambda: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The time to follow the flow to (default 100).", valueName: "t"),
    transform: Parse.real)
  var until: Double?

  @Option(
    help: ArgumentHelp("Listen on this port (default 0: any that is free).", valueName: "port"), transform: Self.port)
  var port = 0

  @Flag(help: "Do not open a browser; the address is printed.")
  var noOpen = false

  @Option(
    help: ArgumentHelp("Write the page as one file that needs no server, and stop.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var save: String?

  @Flag(help: "Replace an output file that exists.")
  var force = false

  private static func port(_ text: String) throws -> Int {
    guard let value = Int(text), (0...65535).contains(value) else { throw ValidationError("a port is 0 to 65535.") }
    return value
  }

  func run() throws {
    if let save {
      guard files.isEmpty else {
        throw InvalidInput(
          "--save \(save)", because: "a page without a server cannot read \(files[0])", remedy: "leave it out")
      }
      guard problem.isUnstated, lambda == nil, until == nil else {
        throw ValidationError("--save writes the page with its own settings: set them there, its address keeps them.")
      }
      try OutputFile.check(save, endings: [".html"], force: force)
      return try OutputFile.write(text: Page.text(.file), to: save)
    }
    let explorer = Explorer(try subject(), wording: .commandLine)
    let server = try explorer.serve(port: port)
    try printResult("Explorer: \(server.address)")
    let opened = noOpen ? nil : open(server.address)
    note("Ctrl-C ends it")
    while !Interrupt.isSet { usleep(50_000) }
    if let opened { unlink(opened) }
    explorer.close()
    server.close()
    // Runs under way look for a stop now and then: nothing waits for them.
    Interrupt.leave(Interrupt.exitCode)
  }

  private func subject() throws -> Subject {
    var subject = Subject()
    for path in files { try subject.add(path) }
    guard subject.experiment == nil else {
      guard problem.isUnstated, lambda == nil, until == nil else {
        throw ValidationError("Give a problem by options or an experiment in a file, not both.")
      }
      return subject
    }
    let flow = try FlowSpecification(
      kind: .mgf, lambda: lambda ?? 1, stepper: "auto", relative: FlowSpecification.defaultRelativeTolerance,
      absolute: 0)
    let experiment = try problem.experiment(
      .solve(flow, until: .time(until ?? 100), recording: .count(401)), WorkOptions.parse([]),
      fallback: .gaussian(SyntheticProblem(samples: 20, features: 30, nonzeros: 3, mean: 0, seed: problem.seed)))
    try experiment.validate()
    // What cannot be used is said here rather than in the page.
    _ = try experiment.setup()
    subject.experiment = experiment
    return subject
  }

  /// Opens an address with what the desktop has for that; where there is nothing, the printed one serves.
  ///
  /// The arguments of programs are there for all users to read: what is opened is a file of our own that leads there, whose path comes
  /// back.
  private func open(_ address: String) -> String? {
    #if canImport(Darwin)
      let opener = "open"
    #else
      let opener = "xdg-open"
    #endif
    let folders = [getenv("XDG_RUNTIME_DIR"), getenv("HOME")].compactMap { $0.map { String(cString: $0) } }
    let folder = folders.first ?? "/tmp"
    var name = Array("\(folder)/.mgf-explore-XXXXXX.html".utf8CString)
    let file = mkstemps(&name, 5)
    guard file >= 0 else {
      note("open the address in a browser")
      return nil
    }
    let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = """
      <!doctype html><meta name="referrer" content="no-referrer">
      <meta http-equiv="refresh" content="0; url=\(address)"><title>MomentumFlow</title>

      """
    let isWritten = text.utf8.count == text.withCString { write(file, $0, strlen($0)) }
    close(file)
    // What is started in the background tells nothing: whether it is there is asked before.
    let isThere = system("command -v \(opener) >/dev/null 2>&1") == 0
    if !isWritten || !isThere || system("\(opener) \(Provenance.quoted(path)) >/dev/null 2>&1 &") != 0 {
      note("open the address in a browser")
    }
    return path
  }
}
