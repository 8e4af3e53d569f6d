import ArgumentParser
import Dynamics
import Experiments

/// What a command may cost: the same two options for all that integrate or iterate.
struct WorkOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Most passes over X, or iterations, in all (default: 2e13 multiply-adds, about an hour; 7.7e9 passes at n, d = 20, 30).",
      valueName: "k"),
    transform: Parse.count)
  var maxWork: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Most seconds, setting up included; then the result is partial.", valueName: "s"),
    transform: Parse.real)
  var maxSeconds: Double?

  func validate() throws {
    guard maxWork ?? 1 > 0 else { throw ValidationError("--max-work 0: at least one pass is needed.") }
    guard maxSeconds ?? 1 > 0 else { throw ValidationError("--max-seconds must be positive.") }
  }

  /// What is said; nil for nothing.
  func limit() throws -> WorkLimit? {
    maxWork == nil && maxSeconds == nil ? nil : try WorkLimit(passes: maxWork, seconds: maxSeconds)
  }

  /// An experiment with what is said here in place of what it says itself.
  func changing(_ experiment: Experiment) throws -> Experiment {
    var copy = experiment
    if maxWork != nil || maxSeconds != nil {
      copy.limit = try WorkLimit(
        passes: maxWork ?? experiment.limit?.passes, seconds: maxSeconds ?? experiment.limit?.seconds)
    }
    return copy
  }

  /// Sets up: lets `body` read, draw and decompose, which cannot be asked to stop, and answers Ctrl-C and --max-seconds
  /// meanwhile by leaving: there is no result yet.
  static func settingUp<T: Sendable>(
    seconds maxSeconds: Double?, json: Bool, quiet: Bool,
    _ body: @escaping @Sendable (RunMonitor) throws(InvalidInput) -> T
  ) throws -> T {
    let bar = ProgressBar(quiet: quiet)
    defer { bar.finish() }
    let stage = Stage()
    let terminal = bar.monitor
    let announce: @Sendable (String) -> Void = { text in
      terminal.announce?((stage.text.map { "\($0), " } ?? "") + text)
    }
    let outer = RunMonitor(
      progress: { terminal.progress($0, (stage.text.map { "\($0), " } ?? "") + $1) },
      isInterrupted: terminal.isInterrupted, announce: announce,
      meter: WorkMeter(try WorkLimit(passes: nil, seconds: maxSeconds), since: Interrupt.start))
    let inner = RunMonitor(progress: { stage.text = $1 })
    let result = try outer.perform("setting up") { () throws(InvalidInput) in try body(inner) }
    if let result { return result }
    bar.finish()
    let isInterrupted = Interrupt.isSet
    let why = isInterrupted ? "interrupted" : "the time of --max-seconds \(short(maxSeconds ?? 0)) is up"
    let failure = why + " while setting up" + (stage.text.map { " (\($0))" } ?? "") + "; there is no result yet"
    if json {
      var result = Measurements()
      result.end(isInterrupted ? .interrupted : .maxSeconds, failure: Message(failure))
      result.provenance = Provenance(arguments: CommandLine.arguments, seed: nil).json
      try printResult(result.measured.text())
    }
    complain(failure)
    // What sets up goes on meanwhile: libraries may not be cleaned up under it.
    Interrupt.leave(isInterrupted ? Interrupt.exitCode : 1)
  }
}
