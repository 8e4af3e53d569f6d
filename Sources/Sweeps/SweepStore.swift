import Dynamics
import Experiments
import Export
import Foundation
import GRDB

/// The results of a study in an SQLite file: table `runs` with a row for each run done, `meta` with the study itself.
///
/// One process writes at a time; others may read meanwhile (write-ahead log). What was committed survives a killed process,
/// and the file is consistent after a power cut.
public final class SweepStore {
  /// The file.
  public let path: String
  /// The study.
  public private(set) var study: Study
  /// The part of the study that it is for; nil for all of it.
  public let shard: Shard?
  /// In how many shards the study was divided when the store was merged.
  let divisions: Int?
  let queue: DatabaseQueue
  private let lock: StoreLock?
  let columns: [String]
  /// Which runs are for this store; nil for all.
  let own: [Bool]?

  /// Columns beside the axes, with their types.
  private static let base: [(name: String, type: String)] = [
    ("status", "TEXT NOT NULL"), ("outcome", "TEXT"), ("failure", "TEXT"), ("method", "TEXT NOT NULL"),
    ("gamma", "REAL"), ("beta", "REAL"), ("lambda", "REAL"), ("step", "REAL"), ("alpha", "REAL"), ("seed", "INTEGER"),
    ("iterations", "INTEGER"), ("time", "REAL"), ("loss", "REAL"), ("residual_max", "REAL"),
    ("delta_ratio_min", "REAL"), ("delta_ratio_median", "REAL"), ("delta_ratio_max", "REAL"), ("delta_error", "REAL"),
    ("theta_l1", "REAL"), ("test_error", "REAL"), ("theta_error", "REAL"),
    ("plain_test_error", "REAL"), ("lambda_certified", "REAL"), ("lambda_critical", "REAL"),
    ("support_overlap", "REAL"),
    ("perturbation", "REAL"),
    ("features_99", "INTEGER"), ("top_features", "TEXT"),
    ("path_error", "REAL"),
    ("gradient_evaluations", "INTEGER"), ("parameters", "TEXT NOT NULL"),
    ("trajectory", "TEXT"), ("software", "TEXT NOT NULL"), ("wall_seconds", "REAL NOT NULL"),
    ("finished_at", "TEXT NOT NULL"), ("host", "TEXT NOT NULL"),
  ]

  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { db in
      try db.execute(sql: "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    }
    return migrator
  }()

  // MARK: Opening

  /// Opens a store for reading. Throws `InvalidInput`.
  public init(reading path: String) throws(InvalidInput) {
    guard FileManager.default.fileExists(atPath: path) else {
      throw InvalidInput(path, because: "there is no such store")
    }
    self.path = path
    lock = nil
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      let stored: (study: Study, columns: Set<String>) = try queue.read { db in
        (try Self.storedStudy(db), Set(try db.columns(in: "runs").map(\.name)))
      }
      study = stored.study
      // A store made before a column was added goes without it.
      columns = Self.columns(stored.study).filter(stored.columns.contains)
      (shard, divisions) = try queue.read { db in try Self.storedDivision(db) }
      let study = study
      own = try shard.map { try $0.membership(study) }
    } catch {
      throw Self.unusable(path, error)
    }
  }

  /// Creates the store of `study`, or goes on with it: then the study must be the same, or extend the axes of the stored one,
  /// and the shard must be the stored one. Throws `InvalidInput` when it is neither, is no store, or is being written to by
  /// another process.
  public init(writing path: String, _ study: Study, _ shard: Shard? = nil) throws(InvalidInput) {
    self.path = path
    self.study = study
    self.shard = shard
    columns = Self.columns(study)
    own = try shard?.membership(study)
    lock = try StoreLock(path)
    do {
      try Self.requireOwn(path)
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.migrator.migrate(queue)
      let columns = columns
      divisions = try queue.write { db in
        try Self.prepare(db, study, shard, columns)
        return try Self.storedDivision(db).divisions
      }
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw Self.unusable(path, error)
    }
  }

  /// Looks into a file that is there, without touching it. Throws when it belongs to something else.
  private static func requireOwn(_ path: String) throws {
    guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size > 0 else { return }
    var configuration = Configuration()
    configuration.readonly = true
    let tables = try DatabaseQueue(path: path, configuration: configuration).read { db in
      try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    // Not all of its own need be there: the making, too, may have been cut short.
    guard Set(tables).isSubset(of: ["grdb_migrations", "meta", "runs"]) else {
      throw DatabaseError(message: "it is a database of something else")
    }
  }

  static func unusable(_ path: String, _ error: any Error) -> InvalidInput {
    if let error = error as? InvalidInput { return error }
    return InvalidInput(
      path, because: "it cannot be used as a store: \((error as? DatabaseError)?.message ?? "\(error)")",
      remedy: "name a store made by mgf sweep, or a new file")
  }

  static func columns(_ study: Study) -> [String] {
    let known = Set(base.map(\.name))
    return study.axes.map(\.setting.rawValue).filter { !known.contains($0) } + base.map(\.name)
  }

  private static func storedStudy(_ db: Database) throws -> Study {
    guard try db.tableExists("meta"),
      let text = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'study'")
    else { throw DatabaseError(message: "it holds no study") }
    let study = try JSONDecoder().decode(Study.self, from: Data(text.utf8))
    try requireSound(db, study)
    return study
  }

  private static func storedDivision(_ db: Database) throws -> (shard: Shard?, divisions: Int?) {
    func value(_ key: String) throws -> String? {
      try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }
    return (
      try value("shard").map { text throws(InvalidInput) in try Shard(text) }, try value("shards").flatMap { Int($0) }
    )
  }

  private static func encoded(_ study: Study) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(study), as: UTF8.self)
  }

  static func createRuns(_ db: Database, _ columns: [String]) throws {
    let types = Dictionary(uniqueKeysWithValues: base.map { ($0.name, $0.type) })
    let definitions = columns.map { name in
      let axisType = Setting(rawValue: name)?.isInteger == true ? "INTEGER NOT NULL" : "REAL NOT NULL"
      return "\"\(name)\" \(types[name] ?? axisType)"
    }
    try db.execute(sql: "CREATE TABLE runs (id INTEGER PRIMARY KEY, \(definitions.joined(separator: ", ")))")
  }

  private static func prepare(_ db: Database, _ study: Study, _ shard: Shard?, _ columns: [String]) throws {
    let data = try study.dataFingerprint()
    if let stored = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'data'"), stored != data {
      throw InvalidInput(
        "study \(study.name)", because: "its data files are not those that the store was made from",
        remedy: "name another store")
    }
    if try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM meta") == 0 {
      try createRuns(db, columns)
      if let shard { try db.execute(sql: "INSERT INTO meta VALUES ('shard', ?)", arguments: [shard.description]) }
    } else {
      try requireShard(shard, try storedDivision(db).shard)
      let present = Set(try db.columns(in: "runs").map(\.name))
      for (name, type) in base where !present.contains(name) {
        try db.execute(sql: "ALTER TABLE runs ADD COLUMN \"\(name)\" \(type)")
      }
      let stored = try storedStudy(db)
      guard stored != study else { return }
      if let shard {
        throw InvalidInput(
          "study \(study.name)", because: "the store is shard \(shard) of another study, or of one with other axes",
          remedy: "name another store; axes are extended after mgf sweep merge")
      }
      try extend(db, from: stored, to: study)
      try db.execute(sql: "DELETE FROM meta WHERE key = 'shards'")
    }
    try db.execute(
      sql: "INSERT OR REPLACE INTO meta VALUES ('study', ?), ('name', ?), ('data', ?)",
      arguments: [try encoded(study), study.name, data])
  }

  private static func requireShard(_ shard: Shard?, _ stored: Shard?) throws(InvalidInput) {
    guard shard != stored else { return }
    guard let stored else {
      throw InvalidInput(
        "\(.shard, shard?.description ?? "")", because: "the store is that of the whole study",
        remedy: "leave \(.shard) out, or name another store")
    }
    throw InvalidInput(
      "\(.shard, shard?.description ?? "")", because: "the store is that of shard \(stored)",
      remedy: "go on with \(.shard, stored), or name another store")
  }

  /// Gives the rows of a smaller grid their numbers in a larger one.
  private static func extend(_ db: Database, from stored: Study, to study: Study) throws {
    func mismatch(_ reason: String) -> InvalidInput {
      InvalidInput(
        "study \(study.name)", because: "the store was made by another study: \(reason)",
        remedy: "name another store; only axes may be extended")
    }
    var plain = stored
    (plain.name, plain.groups) = (study.name, study.groups)
    guard plain == study else { throw mismatch("its fixed settings, problem, method or stop differ") }
    guard stored.groups.map({ $0.map(\.setting) }) == study.groups.map({ $0.map(\.setting) }) else {
      throw mismatch("it has other axes")
    }
    var places: [[Int]] = []
    for (old, new) in zip(stored.groups, study.groups) {
      let tuples = (0..<new[0].values.count).map { k in new.map { $0.values[k] } }
      places.append(
        try (0..<old[0].values.count).map { k in
          let tuple = old.map { $0.values[k] }
          guard let place = tuples.firstIndex(of: tuple) else {
            throw mismatch("the value \(tuple[0]) of axis \(old[0].setting.rawValue) is missing")
          }
          return place
        })
    }
    // Over negative numbers, so that none is taken twice.
    let shape = study.shape
    for id in try Int.fetchAll(db, sql: "SELECT id FROM runs") {
      let index = zip(zip(stored.position(id), places), shape).reduce(0) { $0 * $1.1 + $1.0.1[$1.0.0] }
      try db.execute(sql: "UPDATE runs SET id = ? WHERE id = ?", arguments: [-index - 1, id])
    }
    try db.execute(sql: "UPDATE runs SET id = -id - 1")
  }

  // MARK: Writing

  /// Which runs are there, by number: those that failed too, unless they are to be done again.
  func finished(retryingFailed: Bool) throws(ExportError) -> [Bool] {
    do {
      var isThere = [Bool](repeating: false, count: try study.runCount())
      try queue.read { db in
        let condition = retryingFailed ? " WHERE status = 'done'" : ""
        let ids = try Int.fetchCursor(db, sql: "SELECT id FROM runs" + condition)
        while let id = try ids.next() {
          if isThere.indices.contains(id) { isThere[id] = true }
        }
      }
      return isThere
    } catch {
      throw failure(error)
    }
  }

  /// Commits results.
  func write(_ results: [(run: Int, result: RunResult)], host: String) throws(ExportError) {
    guard !results.isEmpty else { return }
    do {
      let names = (["id"] + columns).map { "\"\($0)\"" }.joined(separator: ", ")
      let marks = [String](repeating: "?", count: columns.count + 1).joined(separator: ", ")
      let sql = "INSERT OR REPLACE INTO runs (\(names)) VALUES (\(marks))"
      let date = Date.now.formatted(.iso8601)
      try queue.write { db in
        let statement = try db.makeStatement(sql: sql)
        for (run, result) in results {
          let row = row(run, result, date: date, host: host)
          let values: [(any DatabaseValueConvertible)?] = [run] + columns.map { row[$0] ?? nil }
          try statement.execute(arguments: StatementArguments(values))
        }
      }
    } catch {
      throw failure(error)
    }
  }

  private func row(
    _ run: Int, _ result: RunResult, date: String, host: String
  ) -> [String: (any DatabaseValueConvertible)?] {
    var settings = study.settings(run)
    if let lambda = result.lambda { settings[.lambda] = lambda }
    var row: [String: (any DatabaseValueConvertible)?] = [:]
    func put(_ setting: Setting, _ value: Double?) {
      row[setting.rawValue] = value.map { setting.isInteger ? Int($0) as any DatabaseValueConvertible : $0 }
    }
    if study.method.isDiscrete, let descent = try? study.descentRates(settings) {
      put(.gamma, descent.gamma)
      put(.beta, descent.beta)
      put(.lambda, descent.lambda)
      put(.step, descent.step)
    }
    let complete = study.completed(settings)
    for (setting, value) in complete { put(setting, value) }
    row["status"] = result.hasFailed ? "failed" : "done"
    row["outcome"] = result.outcome?.rawValue
    row["failure"] = result.failure
    row["method"] =
      study.method == .heavyBall ? study.discreteMethod(settings).rawValue : study.method.rawValue
    row["iterations"] = result.iterations
    row["time"] = result.time
    row["loss"] = result.loss
    row["residual_max"] = result.residualMax
    row["delta_ratio_min"] = result.deltaRatio?.min
    row["delta_ratio_median"] = result.deltaRatio?.median
    row["delta_ratio_max"] = result.deltaRatio?.max
    row["delta_error"] = result.deltaError
    row["theta_l1"] = result.thetaL1
    row["test_error"] = result.testError
    row["theta_error"] = result.thetaError
    row["plain_test_error"] = result.plainTestError
    row["lambda_certified"] = result.lambdaCertified
    row["lambda_critical"] = result.lambdaCritical
    row["support_overlap"] = result.supportOverlap
    row["features_99"] = result.features99
    row["top_features"] = result.topFeatures
    row["perturbation"] = result.perturbation
    row["path_error"] = result.pathError
    row["gradient_evaluations"] = result.passes
    row["parameters"] = parameters(complete).text
    row["trajectory"] = result.trajectory
    row["software"] = "MomentumFlow \(Provenance.version) \(Provenance.commit)"
    row["wall_seconds"] = result.wallSeconds
    row["finished_at"] = date
    row["host"] = host
    return row
  }

  /// Everything that makes a run what it is.
  private func parameters(_ settings: [Setting: Double]) -> JSONObject {
    var json = JSONObject(sorted: settings)
    json["method"] = .string(study.method.rawValue)
    if !study.method.isDiscrete { json["stepper"] = .string(study.stepper) }
    if study.replacement { json["replacement"] = .bool(true) }
    switch study.source {
    case .gaussian: json["problem"] = .string("gaussian")
    case .preset(let name): json["problem"] = .string("preset \(name)")
    case .table(let path, let target, let standardize, let format):
      let problem = "\(path), target \(target)" + (standardize ? ", standardized" : "")
      json["problem"] = .string(([problem] + (format?.options ?? [])).joined(separator: " "))
    case .matrices(let design, let response, _, let format):
      json["problem"] = .string((["\(design), \(response)"] + (format?.options ?? [])).joined(separator: " "))
    }
    return json
  }

  func failure(_ error: any Error) -> ExportError {
    if let error = error as? ExportError { return error }
    let message = (error as? DatabaseError)?.message ?? "\(error)"
    return ExportError(.failed, path, "the store cannot be written: \(message)")
  }

  // MARK: Reading

  /// Counts of runs: all of the study (of the shard), done, failed; and the least test error among them.
  public func counts() throws(ExportError) -> (runs: Int, completed: Int, failed: Int, bestTestError: Double?) {
    do {
      let total = try own?.count { $0 } ?? study.runCount()
      return try queue.read { db in
        let row = try Row.fetchOne(
          db, sql: "SELECT COUNT(*), COALESCE(SUM(status = 'failed'), 0), MIN(test_error) FROM runs")
        return (total, row?[0] ?? 0, row?[1] ?? 0, row?[2])
      }
    } catch {
      throw failure(error)
    }
  }

  /// The numbers of runs that are missing, and to how many of which shard they belong when the store was merged of shards.
  public func missing() throws(ExportError) -> (runs: [Range<Int>], shards: [(shard: Shard, count: Int)]) {
    let isThere = try finished(retryingFailed: false)
    var ranges: [Range<Int>] = []
    for run in isThere.indices where !isThere[run] && own?[run] != false {
      if let last = ranges.last, last.upperBound == run {
        ranges[ranges.count - 1] = last.lowerBound..<run + 1
      } else {
        ranges.append(run..<run + 1)
      }
    }
    guard let divisions, !ranges.isEmpty else { return (ranges, []) }
    do {
      let shards = try study.dealt(among: divisions)
      var counts = [Int](repeating: 0, count: divisions)
      for run in ranges.joined() { counts[Int(shards[run])] += 1 }
      return (
        ranges, counts.indices.filter { counts[$0] > 0 }.map { (Shard(index: $0 + 1, of: divisions), counts[$0]) }
      )
    } catch {
      throw failure(error)
    }
  }

  /// Names of the columns of `runs`, `id` first.
  public var columnNames: [String] { ["id"] + columns }

  /// Calls `body` with each row in the order of the grid, a value for each name of `columnNames`.
  public func forEachRow(_ body: ([StoredValue]) throws -> Void) throws(ExportError) {
    do {
      try queue.read { db in
        let names = columnNames.map { "\"\($0)\"" }.joined(separator: ", ")
        let rows = try Row.fetchCursor(db, sql: "SELECT \(names) FROM runs ORDER BY id")
        while let row = try rows.next() {
          try body(
            (0..<row.count).map { k in
              let value: DatabaseValue = row[k]
              return switch value.storage {
              case .null, .blob: .none
              case .int64(let number): .integer(number)
              case .double(let number): .real(number)
              case .string(let text): .text(text)
              }
            })
        }
      }
    } catch {
      throw failure(error)
    }
  }

  /// Names and counts of the outcomes, failures by their reason.
  public func outcomes() throws(ExportError) -> [(name: String, count: Int)] {
    do {
      return try queue.read { db in
        try Row.fetchAll(
          db,
          sql:
            "SELECT COALESCE(outcome, 'failed: ' || failure) AS name, COUNT(*) FROM runs GROUP BY name ORDER BY 2 DESC"
        ).map { ($0[0], $0[1]) }
      }
    } catch {
      throw failure(error)
    }
  }
}

/// A value of a store.
public enum StoredValue: Sendable, Equatable {
  case none
  case integer(Int64)
  case real(Double)
  case text(String)

  /// As a number; not-a-number for a text or nothing.
  public var number: Double {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    case .none, .text: .nan
    }
  }

  /// As text; numbers read back bit for bit.
  public var text: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): value
    case .none: ""
    }
  }
}

extension JSONObject {
  fileprivate init(sorted settings: [Setting: Double]) {
    self.init()
    for setting in settings.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      let value = settings[setting] ?? 0
      self[setting.rawValue] = setting.isInteger ? .integer(Int(value)) : .number(value)
    }
  }

  fileprivate var text: String { JSONValue.object(self).text() }
}
