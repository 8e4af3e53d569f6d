import ArgumentParser
import Dynamics
import Experiments
import Files
import Foundation
import MessagePassing
import Sweeps

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a study: a grid of runs from one file into one store, resumable.",
    usage: """
      mgf sweep <study.yaml> --output <store.sqlite> [options]   (options: mgf sweep run --help)
      mgf sweep status <store.sqlite>
      mgf sweep export <store.sqlite> <file.csv|file.nc>
      mgf sweep map <store.sqlite> --figure <map.svg>
      mgf sweep merge <store.sqlite> <part.sqlite> ...
      """,
    discussion: """
      A study file says what is fixed, what varies and when a run ends:

        name: gamma-beta-map
        problem: {gaussian: {samples: 20, features: 30, nonzeros: 5, seed: 1}}
        initialisation: {alpha: 0.1}
        method: heavy-ball            # heavy-ball, nesterov, gf, mgf
        axes:                         # crossed, unless zip: [[gamma, beta]]
          gamma: {log: [1e-3, 1e-2, 32]}
          beta: {linear: [0, 0.95, 32]}
        stop: {delta_tolerance: 1e-8, max_iterations: 2000000}

      An axis is a list, or a range linear, log or complement (even in ln(1 − x), for momenta near 1). \
      Settings that do not vary stand in fixed: {beta: 0.9}. stop is one of delta_tolerance, iterations, until and \
      residual. record: {samples: 100} writes every trajectory, thinned, to a folder beside the store.

      The store is SQLite (table runs, one row a run). A sweep that was stopped, however, goes on with the same command. \
      mgf sweep status STORE tells from another shell how far it is; mgf sweep export STORE FILE.csv|FILE.nc exports it. \
      Many machines: --shard I/N does one part of N into a store of its own, mgf sweep merge joins them.

      Example: mgf sweep study.yaml --output study.sqlite
      """,
    subcommands: [Run.self, Status.self, ExportRuns.self, MapRuns.self, MergeStores.self], defaultSubcommand: Run.self)

  // MARK: Running

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Do what the store lacks of a study (the default).")

    @Argument(help: "The study, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Option(
      name: .shortAndLong, help: ArgumentHelp("The store, an SQLite file: made, or gone on with.", valueName: "file"),
      completion: .file(extensions: ["sqlite"]))
    var output: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Threads that compute (default: all cores). Results do not depend on it.", valueName: "n"),
      transform: Parse.count)
    var workers: Int?

    @Flag(help: "Say how many runs there are and about how long they take, and stop.")
    var dryRun = false

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "Only runs that meet this: beta<0.9, seed=3, alpha>=1e-3; several are joined by and.", valueName: "condition"))
    var filter: [String] = []

    @Option(
      parsing: .unconditionalSingleValue,
      help: ArgumentHelp(
        "Override a setting of the file: lambda=0.1, seed=1,2,3, gamma=log:1e-3,1e-2,8 or beta=linear:0,0.9,10.",
        valueName: "setting"))
    var set: [String] = []

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Most passes over X, or iterations, of each run: stop.max_work (default: 2e13 multiply-adds, about an hour).",
        valueName: "k"), transform: Parse.count)
    var maxWork: Int?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Stop after this many seconds; the same command goes on later.", valueName: "s"),
      transform: Parse.real)
    var maxSeconds: Double?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Do one part of N only, numbered from 1, such as 3/16 or $SLURM_ARRAY_TASK_ID/16.", valueName: "i/n"))
    var shard: String?

    @Flag(help: "Do runs that failed again.")
    var retryFailed = false

    @OptionGroup(title: "Report") var report: ReportOptions

    func validate() throws {
      guard output.map({ !$0.isEmpty }) ?? dryRun else {
        throw ValidationError("--output STORE.sqlite is missing: the store to write to, or to go on with.")
      }
      guard workers ?? 1 >= 1, workers ?? 1 <= 1024 else {
        throw ValidationError("--workers \(workers ?? 0): between 1 and 1024 are needed.")
      }
      guard maxSeconds ?? 1 > 0 else { throw ValidationError("--max-seconds must be positive.") }
    }

    func run() throws {
      let team = SweepTeam(try Team.join("sweep", sharded: shard != nil))
      defer { team.communicator.leave() }
      guard team.communicator.rank == 0 else {
        return try team.assist(workers: workers ?? 1, RunMonitor(isInterrupted: { Interrupt.isSet }))
      }
      defer { team.dismiss() }
      try lead(team)
    }

    private func lead(_ team: SweepTeam) throws {
      var study = try Study(contentsOf: file)
      for text in set { try study.override(text) }
      if !set.isEmpty { try study.validate() }
      if let maxWork { try study.set("max_work", "\(maxWork)") }
      let filters = try filter.map { try RunFilter($0, study) }
      let shard = try shard.map { text throws(InvalidInput) in try Shard(text) }
      let threads = workers ?? (team.communicator.size > 1 ? 1 : ProcessInfo.processInfo.activeProcessorCount)
      if dryRun { return try estimate(study, filters, shard, threads * team.communicator.size) }
      try study.requireMemory()
      try study.requireProblem()
      let store = try SweepStore(writing: output ?? "", study, shard)
      var sweep = Sweep(store, workers: threads)
      (sweep.maximumSeconds, sweep.retriesFailed, sweep.filters) = (maxSeconds, retryFailed, filters)
      sweep.team = team
      if !report.quiet { try forecast(sweep, study, filters, shard, threads * team.communicator.size) }
      let bar = SweepProgress(quiet: report.quiet)
      let end = try sweep.run(bar.monitor)
      bar.finish()
      let counts = try store.counts()
      var json = JSONObject()
      json["command"] = .string("sweep")
      json["study"] = .string(study.name)
      json["store"] = .string(store.path)
      if let shard { json["shard"] = .string(shard.description) }
      json["runs"] = .integer(counts.runs)
      json["completed"] = .integer(counts.completed)
      json["failed"] = .integer(counts.failed)
      json["done_now"] = .integer(end.done)
      json["workers"] = .integer(threads)
      if team.communicator.size > 1 { json["ranks"] = .integer(team.communicator.size) }
      json["wall_seconds"] = .number(end.wallSeconds)
      json["outcomes"] = .object(try SweepCommand.outcomes(store))
      json.set("best_test_error", counts.bestTestError, otherwise: "no run has a test error")
      json["provenance"] = .object(Provenance(arguments: CommandLine.arguments, seed: nil).json)
      try printReport(json, report)
      if !end.isComplete {
        if end.isOutOfTime {
          complain(
            "the time of --max-seconds is up; the same command goes on with what is missing (runs under way start anew)"
          )
          throw ExitCode(1)
        }
        complain("interrupted; what is done is in the store, and the same command goes on with what is missing")
        throw ExitCode(Interrupt.exitCode)
      }
      if counts.failed == counts.runs {
        complain("all runs failed; their reasons are in the column failure")
        throw ExitCode(1)
      }
      if counts.failed > 0, !report.quiet {
        note(
          "note: \(counts.failed) runs failed; their reasons are in the column failure, --retry-failed does them again")
      }
    }

    /// Says of a large sweep how long it takes, before it starts.
    private func forecast(
      _ sweep: Sweep, _ study: Study, _ filters: [RunFilter], _ shard: Shard?, _ threads: Int
    ) throws {
      let pending = try sweep.pending().count
      guard pending >= 1_000_000 else { return }
      let estimate = try SweepEstimate(study, filters: filters, shard, workers: threads)
      let (open, time) = (estimate.cutOff > 0 ? "more than " : "about ", estimate.duration ?? "an unknown time")
      note(
        "note: \(pending) runs are to be done, of which all \(estimate.runs) take \(open)\(time); it may be stopped at any "
          + "time (--max-seconds), and the same command goes on")
    }

    private func estimate(_ study: Study, _ filters: [RunFilter], _ shard: Shard?, _ threads: Int) throws {
      let estimate = try SweepEstimate(study, filters: filters, shard, workers: threads)
      var json = JSONObject()
      json["command"] = .string("sweep")
      json["study"] = .string(study.name)
      json["dry_run"] = .bool(true)
      json["runs"] = .integer(estimate.runs)
      json["shape"] = .array(study.shape.map { .integer($0) })
      json["workers"] = .integer(threads)
      json["sampled_runs"] = .integer(estimate.sampled)
      json["sampled_runs_cut_off"] = .integer(estimate.cutOff)
      json.set("estimated_seconds", estimate.seconds, otherwise: "no sampled run came to its end in time")
      json["estimated_megabytes"] = .number(estimate.megabytes)
      try printReport(json, report)
      if estimate.cutOff > 0, !report.quiet {
        note(
          "note: \(estimate.cutOff) of \(estimate.sampled) sampled runs were cut off after a second: all take longer")
      }
    }
  }

  // MARK: Looking

  /// How many runs ended in which way.
  private static func outcomes(_ store: SweepStore) throws -> JSONObject {
    var json = JSONObject()
    for (name, count) in try store.outcomes() { json[name] = .integer(count) }
    return json
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "How far a sweep is, from any shell.")

    @Argument(help: "The store.", completion: .file(extensions: ["sqlite"]))
    var store: String

    @OptionGroup(title: "Report") var report: ReportOptions

    func run() throws {
      let store = try SweepStore(reading: store)
      let counts = try store.counts()
      var json = JSONObject()
      json["command"] = .string("sweep status")
      json["study"] = .string(store.study.name)
      if let shard = store.shard { json["shard"] = .string(shard.description) }
      json["runs"] = .integer(counts.runs)
      json["completed"] = .integer(counts.completed)
      json["missing"] = .integer(counts.runs - counts.completed)
      if counts.completed < counts.runs { try SweepCommand.describeMissing(store, &json) }
      json["failed"] = .integer(counts.failed)
      json["running"] = .bool(StoreLock.isHeld(store.path))
      json.set("best_test_error", counts.bestTestError, otherwise: "no run has a test error")
      json["outcomes"] = .object(try SweepCommand.outcomes(store))
      try printReport(json, report)
    }
  }

  /// Which runs are missing: their numbers, the first twelve ranges of them, and the shards that they belong to.
  private static func describeMissing(_ store: SweepStore, _ json: inout JSONObject) throws {
    let missing = try store.missing()
    let ranges = missing.runs.prefix(12).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound - 1)"
    }
    json["missing_runs"] = .string(ranges.joined(separator: ", ") + (missing.runs.count > 12 ? ", …" : ""))
    guard !missing.shards.isEmpty else { return }
    var shards = JSONObject()
    for (shard, count) in missing.shards { shards[shard.description] = .integer(count) }
    json["missing_of_shards"] = .object(shards)
  }

  struct MergeStores: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge",
      abstract: "Join the stores of one study, made with --shard, into one.",
      discussion: """
        Parts need not be complete: mgf sweep goes on with what is made. Parts that hold the same run must agree on it.

        Example: mgf sweep merge map.sqlite part-*.sqlite
        """)

    @Argument(help: "The store to make.", completion: .file(extensions: ["sqlite"]))
    var store: String

    @Argument(help: "Stores of one study.", completion: .file(extensions: ["sqlite"]))
    var parts: [String]

    @Flag(help: "Replace the store if it exists.")
    var force = false

    @OptionGroup(title: "Report") var report: ReportOptions

    func run() throws {
      let merge = try SweepStore.merge(parts, into: store, force: force)
      let made = try SweepStore(reading: store)
      var json = JSONObject()
      json["command"] = .string("sweep merge")
      json["study"] = .string(made.study.name)
      json["store"] = .string(store)
      json["parts"] = .integer(parts.count)
      json["runs"] = .integer(merge.runs)
      json["completed"] = .integer(merge.completed)
      json["missing"] = .integer(merge.runs - merge.completed)
      json["failed"] = .integer(try made.counts().failed)
      json["repeated"] = .integer(merge.repeated)
      if merge.completed < merge.runs { try SweepCommand.describeMissing(made, &json) }
      try printReport(json, report)
      if merge.completed < merge.runs, !report.quiet {
        note(
          "note: \(merge.runs - merge.completed) of \(merge.runs) runs are missing; mgf sweep with the study file and "
            + "--output \(store) does them")
      }
    }
  }

  struct ExportRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Export a store as CSV, or as NetCDF with the axes as coordinates.",
      discussion:
        "Example: mgf sweep export study.sqlite study.nc, then xarray.open_dataset(\"study.nc\").sel(beta=0.9)")

    @Argument(help: "The store.", completion: .file(extensions: ["sqlite"]))
    var store: String

    @Argument(help: "The file to write, ending in .csv or .nc.", completion: .file(extensions: ["csv", "nc"]))
    var file: String

    @Flag(help: "Replace the file if it exists.")
    var force = false

    func run() throws {
      try OutputFile.check(file, endings: SweepStore.exportEndings, force: force)
      let store = try SweepStore(reading: store)
      try store.export(to: file, provenance: Provenance(arguments: CommandLine.arguments, seed: nil))
      print("\(try store.counts().completed) of \(try store.counts().runs) runs written to \(file)")
    }
  }
}

/// A bar on a terminal; elsewhere a line every ten seconds.
final class SweepProgress: Sendable {
  private let bar: ProgressBar
  private let lines: PlainProgress?

  init(quiet: Bool) {
    bar = ProgressBar(quiet: quiet)
    lines = quiet || isatty(STDERR_FILENO) == 1 ? nil : PlainProgress()
  }

  var monitor: RunMonitor {
    let inner = bar.monitor
    return RunMonitor(
      progress: { [lines] fraction, text in
        inner.progress(fraction, text)
        lines?.show(text)
      }, isInterrupted: inner.isInterrupted)
  }

  func finish() { bar.finish() }
}
