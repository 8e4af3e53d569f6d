import Dispatch
import Dynamics
import Experiments
import Figures
import Files
import FoundationEssentials
import Loopback
import Sweeps
import Synchronization

/// The explorer: answers what its page asks, each question by an experiment and its measurements.
///
/// It holds no numerics: `Experiment.run` computes, `Workbench` shares the machine, `Bounds` says what a question may cost.
public final class Explorer: Sendable {
  private let subject: Subject
  private let wording: Wording
  private let bounds: Bounds
  private let bench = Workbench()
  private let page: [UInt8]
  /// Quick answers.
  private let desk = DispatchQueue(label: "explorer desk", attributes: .concurrent)

  /// An explorer of `subject`; faults are told in the words of `wording`.
  public init(_ subject: Subject, wording: Wording) {
    (self.subject, self.wording) = (subject, wording)
    bounds = Bounds(files: Set(subject.experiment?.files ?? []).union(Self.files(of: subject.stores)))
    page = Array(Page.text(.served).utf8)
  }

  /// Begins to listen. Throws `InvalidInput` when the port is taken.
  public func serve(port: Int) throws(InvalidInput) -> LoopbackServer {
    try LoopbackServer(port: port, bodyLimit: Bounds.bytes, policy: Page.policy) { request, reply in
      self.desk.async { self.answer(request, reply) }
    }
  }

  /// Ends all work.
  public func close() { bench.close() }

  /// The files that the studies of stores name: their runs may be opened.
  private static func files(of stores: [String]) -> [String] {
    stores.flatMap { path in
      guard let store = try? SweepStore(reading: path), let first = try? store.study.experiment(at: 0) else {
        return [String]()
      }
      return first.files
    }
  }

  // MARK: Requests

  private func answer(_ request: HTTPRequest, _ reply: any HTTPReply) {
    do throws(InvalidInput) {
      switch (request.method, request.path) {
      case ("GET", ""): reply.send(200, type: "text/html; charset=utf-8", page)
      case ("GET", "start"): try reply.answer(start())
      case ("GET", "work"):
        let counts = bench.counts
        reply.answer(Frame(["running": .integer(counts.running), "waiting": .integer(counts.waiting)]))
      case ("POST", "run"): try run(Question(request.body), reply)
      case ("POST", "rows"):
        let question = try Question(request.body)
        try queue(question, reply) { () throws(InvalidInput) in try self.rows(question) }
      case ("POST", "experiment"): try reply.answer(experimentOfRun(Question(request.body)))
      case ("POST", "file"):
        let question = try Question(request.body)
        try queue(question, reply) { () throws(InvalidInput) in try self.file(question) }
      case ("POST", "figure"): try draw(Question(request.body), reply)
      case ("POST", "data"): try write(Question(request.body), reply)
      default: reply.answer(404, Frame(["fault": .object(["message": .string("there is nothing of this name here")])]))
      }
    } catch {
      reply.answer(422, Frame(["fault": fault(error)]))
    }
  }

  /// A fault as the page shows it.
  private func fault(_ error: InvalidInput) -> JSONValue {
    var object = JSONObject([
      "subject": .string(error.subject.text(wording)), "reason": .string(error.reason.text(wording)),
      "message": .string(error.text(wording)),
    ])
    if let field = error.field { object["field"] = .string(field.rawValue) }
    if let remedy = error.remedy { object["remedy"] = .string(remedy.text(wording)) }
    return .object(object)
  }

  private func start() throws(InvalidInput) -> Frame {
    var stores: [JSONValue] = []
    for (index, path) in subject.stores.enumerated() {
      let store = try SweepStore(reading: path)
      let counts = try reading(path) { try store.counts() }
      stores.append(
        .object([
          "index": .integer(index), "name": .string(Self.name(path)), "study": .string(store.study.name),
          "columns": store.described, "completed": .integer(counts.completed), "runs": .integer(counts.runs),
        ]))
    }
    return Frame([
      "version": .string(Provenance.version), "commit": .string(Provenance.commit),
      "experiment": subject.experiment.map { .object($0.json) } ?? .null,
      "limits": .object([
        "entries": .integer(Bounds.entries), "seconds": .number(Bounds.seconds), "points": .integer(Bounds.points),
      ]),
      "stores": .array(stores),
      "files": .array(
        subject.files.enumerated().map { .object(["index": .integer($0), "name": .string(Self.name($1))]) }),
    ])
  }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What `body` reads of a store; what SQLite says against it is the fault of its file.
  private func reading<T>(_ path: String, _ body: () throws -> T) throws(InvalidInput) -> T {
    do { return try body() } catch {
      throw (error as? InvalidInput) ?? InvalidInput(Message(path), because: "it cannot be read: \("\(error)")")
    }
  }

  private func rows(_ question: Question) throws(InvalidInput) -> Frame {
    let path = try question.choice("store", subject.stores)
    let store = try SweepStore(reading: path)
    let counts = try reading(path) { try store.counts() }
    guard counts.completed <= Bounds.rows else {
      throw InvalidInput(
        Message(path), because: "it holds \(counts.completed) runs, and the explorer shows at most \(Bounds.rows)",
        remedy: "draw it with mgf sweep map, or export a part of it")
    }
    var frame = Frame(["completed": .integer(counts.completed), "runs": .integer(counts.runs)])
    frame.add(try reading(path) { try store.table() })
    return frame
  }

  private func experimentOfRun(_ question: Question) throws(InvalidInput) -> Frame {
    let store = try SweepStore(reading: question.choice("store", subject.stores))
    let runs = try store.study.runCount()
    let run = try question.whole("run")
    guard (0..<runs).contains(run) else {
      throw InvalidInput("run \(run)", because: "the study has the runs 0 to \(runs - 1)")
    }
    return Frame(["experiment": .object(try store.study.experiment(at: run).json)])
  }

  private func file(_ question: Question) throws(InvalidInput) -> Frame {
    let path = try question.choice("file", subject.files)
    let dataset = try NetCDFInput.dataset(ArrayFile(path))
    let numbers = dataset.arrays.reduce(0) { $0 + $1.values.count }
    guard numbers <= Bounds.numbersOfFile else {
      throw InvalidInput(
        Message(path), because: "it holds \(numbers) numbers, and the explorer shows at most \(Bounds.numbersOfFile)",
        remedy: "record fewer times")
    }
    let experiment = try? Experiment(of: path)
    var attributes = JSONObject()
    for (name, value) in dataset.attributes where name != "experiment" {
      attributes[name] =
        switch value {
        case .text(let text): .string(text)
        case .number(let number): .number(number)
        case .integer(let number): .integer(number)
        }
    }
    var frame = Frame([
      "result": .object(attributes), "experiment": experiment.map { .object($0.json) } ?? .null, "index": .integer(0),
    ])
    frame.add(dataset)
    return frame
  }

  /// Answers on the bench: a few at a time, and not at all once the reader has gone.
  private func queue(
    _ question: Question, _ reply: any HTTPReply, _ body: @escaping @Sendable () throws(InvalidInput) -> Frame
  ) throws(InvalidInput) {
    try bench.add(
      Job(
        tab: question.tab + " tables", lane: "\(UInt64.random(in: 0 ... .max))", isBackground: false,
        isGone: { reply.isGone }
      ) { job in
        guard job.stopReason == nil else { return false }
        do throws(InvalidInput) { reply.answer(try body()) } catch {
          reply.answer(422, Frame(["fault": self.fault(error)]))
        }
        return false
      })
  }

  // MARK: Runs

  /// Runs one experiment, or many one after the other, and tells what they find while they do.
  private func run(_ question: Question, _ reply: any HTTPReply) throws(InvalidInput) {
    let documents = try question.experiments()
    let isList = question.isList
    if !isList, let only = documents.first { _ = try admitted(only) }
    let withRates = question.flag("arrays")
    let withArrays = withRates || question.text("arrays") == "states"
    let next = Mutex(0)
    let data = Mutex<ProblemData?>(nil)
    let job = Job(
      tab: try question.word("tab"), lane: try question.word("lane"), isBackground: isList, isGone: { reply.isGone }
    ) { job in
      let index = next.withLock { index in
        defer { index += 1 }
        return index
      }
      if index == 0 { reply.begin(type: "application/octet-stream") }
      if job.stopReason == nil {
        do throws(InvalidInput) {
          let experiment = try self.admitted(documents[index])
          let known = data.withLock { $0 }
          let (found, setup, drawn, _) = try self.carryOut(experiment, on: known, for: job) { fraction, what in
            reply.write(
              Frame(["progress": .number(fraction), "what": .string(what), "index": .integer(index)]).bytes)
          }
          data.withLock { $0 = drawn }
          if job.stopReason == nil {
            var frame = Frame([
              "result": found.worded(self.wording).measured, "experiment": .object(experiment.json),
              "index": .integer(index),
            ])
            if withArrays, let record = found.record {
              var dataset = record.dataset(setup)
              if !withRates { dataset.arrays.removeAll { $0.name.hasSuffix("_rate") } }
              frame.add(dataset)
            }
            reply.write(frame.bytes)
          }
        } catch {
          if job.stopReason == nil {
            reply.write(Frame(["fault": self.fault(error), "index": .integer(index)]).bytes)
          }
        }
      }
      if let why = job.stopReason {
        reply.write(Frame(["stopped": .string(why)]).bytes)
      } else if index + 1 < documents.count {
        return true
      }
      reply.write(Frame(["end": .bool(true)]).bytes)
      reply.end()
      return false
    }
    try bench.add(job)
  }

  private func admitted(_ document: JSONValue) throws(InvalidInput) -> Experiment {
    let experiment = try Experiment(document)
    try experiment.validate()
    return try bounds.admit(experiment)
  }

  /// Carries out an experiment until the job is to end.
  private func carryOut(
    _ experiment: Experiment, on known: ProblemData? = nil, for job: Job, keepingPath: Bool = false,
    progress: @escaping @Sendable (Double, String) -> Void = { _, _ in }
  ) throws(InvalidInput) -> (found: Measurements, setup: Setup, data: ProblemData, monitor: RunMonitor) {
    let due = Mutex(ContinuousClock.now + .milliseconds(150))
    let monitor = RunMonitor(
      progress: { fraction, what in
        let isDue = due.withLock { due in
          guard ContinuousClock.now >= due else { return false }
          due = .now + .milliseconds(100)
          return true
        }
        if isDue { progress(fraction.isFinite ? fraction : 0, what) }
      }, isInterrupted: { job.stopReason != nil })
    let meter = WorkMeter(try WorkLimit(passes: nil, seconds: Bounds.seconds))
    let made = try monitor.paying(meter).perform("setting up", work: experiment.problem.settingUp) {
      () throws(InvalidInput) in
      let data = try experiment.problem.data(known)
      guard job.stopReason == nil else { throw InvalidInput("the problem", because: "setting it up was stopped") }
      return (data, try experiment.setup(on: data, monitor: monitor))
    }
    guard let (data, setup) = made else {
      throw InvalidInput(
        "the problem", because: "setting it up took longer than \(Int(Bounds.seconds)) s, or was stopped",
        remedy: "choose fewer samples or features, or use the command line")
    }
    try bounds.requirePoints(of: experiment, features: setup.problem.featureCount)
    let paying = monitor.paying(WorkMeter(try experiment.limit(on: setup)))
    let found = try experiment.run(on: setup, keepingPath: keepingPath, monitor: paying)
    return (found ?? Measurements(), setup, data, paying)
  }

  // MARK: Downloads

  /// The standard figure of an experiment.
  private func draw(_ question: Question, _ reply: any HTTPReply) throws(InvalidInput) {
    let format = try question.name(
      "format", of: ["svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"])
    let theme: FigureStyle.Theme = question.text("theme") == "dark" ? .dark : .light
    var experiment = try admitted(question.experiment())
    // Drawn from what lies between the steps, not from a record of all of them.
    if case .solve(let flow, let stop, .summary) = experiment.goal {
      experiment.goal = .solve(flow, until: stop, recording: .count(401))
    }
    experiment = try bounds.admit(experiment.recordingForFigure())
    experiment.limit = try WorkLimit(
      passes: min(experiment.limit?.passes ?? .max, Bounds.passesOfFigure), seconds: experiment.limit?.seconds)
    let drawn = experiment
    try deliver(question, reply, type: format.value, ending: format.key) { job, path in
      let (found, setup, _, monitor) = try self.carryOut(drawn, for: job, keepingPath: true)
      let figure = try drawn.figure(found, on: setup, monitor: monitor)
      if job.stopReason == nil { try figure.write(to: path, style: FigureStyle(theme: theme)) }
    }
  }

  /// The trajectory of an experiment as a file.
  private func write(_ question: Question, _ reply: any HTTPReply) throws(InvalidInput) {
    let format = try question.name("format", of: ["nc": "application/x-netcdf", "csv": "text/csv; charset=utf-8"])
    let experiment = try admitted(question.experiment())
    guard experiment.goal.hasTrajectory else {
      throw InvalidInput(
        "\(.command, experiment.goal.command)", because: "it records no trajectory", remedy: "choose a flow or iterates"
      )
    }
    try deliver(question, reply, type: format.value, ending: format.key) { job, path in
      let (found, setup, _, _) = try self.carryOut(experiment, for: job)
      let provenance = Provenance(
        arguments: CommandLine.arguments, seed: setup.seed, reading: setup.reading, experiment: experiment)
      try found.record?.write(to: path, title: experiment.title, provenance: provenance, setup: setup, found)
    }
  }

  /// Answers with the file that `body` writes.
  private func deliver(
    _ question: Question, _ reply: any HTTPReply, type: String, ending: String,
    _ body: @escaping @Sendable (Job, String) throws -> Void
  ) throws(InvalidInput) {
    try bench.add(
      Job(
        tab: question.tab + " downloads", lane: "\(UInt64.random(in: 0 ... .max))", isBackground: false,
        isGone: { reply.isGone }
      ) {
        job in
        let path = TemporaryFile.path("." + ending)
        defer { TemporaryFile.remove(path) }
        do {
          try body(job, path)
          guard let bytes = FileManager.default.contents(atPath: path) else {
            throw InvalidInput("the file", because: "nothing was written")
          }
          reply.send(200, type: type, Array(bytes))
        } catch {
          let told = (error as? InvalidInput) ?? InvalidInput("the file", because: Message("\(error)"))
          reply.answer(422, Frame(["fault": self.fault(told)]))
        }
        return false
      })
  }
}

extension ProblemSpecification {
  /// Multiply-adds to draw data and find their rank, where that is known before.
  fileprivate var settingUp: Double? {
    guard case .gaussian(let drawn) = source else { return nil }
    let (n, d) = (Double(drawn.samples), Double(drawn.features))
    return 10 * n * d * min(n, d)
  }
}

extension HTTPReply {
  /// Answers with one frame.
  fileprivate func answer(_ frame: Frame) { send(200, type: "application/octet-stream", frame.bytes) }

  /// Answers with what is wrong.
  fileprivate func answer(_ status: Int, _ frame: Frame) { send(status, type: "application/json", frame.bytes) }
}
