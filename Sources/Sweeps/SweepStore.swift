import Dynamics
import Experiments
import Files
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
  let columns: [StoreColumn]
  /// Which runs are for this store; nil for all.
  let own: [Bool]?

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
    try StoreFile.check(path)
    guard FileManager.default.fileExists(atPath: path) else {
      throw InvalidInput(path, because: "there is no such store")
    }
    self.path = path
    lock = nil
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: StoreFile.absolute(path), configuration: configuration)
      let stored: (study: Study, columns: Set<String>) = try queue.read { db in
        (try Self.storedStudy(db), Set(try db.columns(in: "runs").map(\.name)))
      }
      study = stored.study
      // A store made before a column was added goes without it.
      columns = StoreColumn.columns(stored.study).filter { stored.columns.contains($0.name) }
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
    try StoreFile.check(path)
    self.path = path
    self.study = study
    self.shard = shard
    columns = StoreColumn.columns(study)
    own = try shard?.membership(study)
    lock = try StoreLock(path)
    do {
      try Self.requireOwn(path)
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: StoreFile.absolute(path), configuration: configuration)
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
    let tables = try DatabaseQueue(path: StoreFile.absolute(path), configuration: configuration).read { db in
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

  static func createRuns(_ db: Database, _ columns: [StoreColumn]) throws {
    let declarations = columns.map(\.declaration).joined(separator: ", ")
    try db.execute(sql: "CREATE TABLE runs (id INTEGER PRIMARY KEY, \(declarations))")
  }

  private static func prepare(_ db: Database, _ study: Study, _ shard: Shard?, _ columns: [StoreColumn]) throws {
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
      for column in StoreColumn.all where !present.contains(column.name) {
        try db.execute(sql: "ALTER TABLE runs ADD COLUMN \(column.declaration)")
      }
      let stored = try storedStudy(db)
      guard stored != study else { return }
      if let shard {
        throw InvalidInput(
          "study \(study.name)", because: "the store is shard \(shard) of another study, or of one with other axes",
          remedy: "name another store; axes are extended after mgf sweep merge")
      }
      try extend(db, from: stored, to: study)
      if study.hasUnsignedSeeds != stored.hasUnsignedSeeds { try retype(db, columns) }
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

  /// Makes the table anew where a column's type is another one for the larger grid.
  private static func retype(_ db: Database, _ columns: [StoreColumn]) throws {
    let names = (["id"] + columns.map(\.name)).map { "\"\($0)\"" }.joined(separator: ", ")
    try db.execute(sql: "ALTER TABLE runs RENAME TO former")
    try createRuns(db, columns)
    try db.execute(sql: "INSERT INTO runs (\(names)) SELECT \(names) FROM former")
    try db.execute(sql: "DROP TABLE former")
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
  package func write(_ results: [(run: Int, result: Measurements)], host: String) throws(ExportError) {
    guard !results.isEmpty else { return }
    do {
      let names = columnNames.map { "\"\($0)\"" }.joined(separator: ", ")
      let marks = [String](repeating: "?", count: columns.count + 1).joined(separator: ", ")
      let sql = "INSERT OR REPLACE INTO runs (\(names)) VALUES (\(marks))"
      let date = Date.now.formatted(.iso8601)
      try queue.write { db in
        let statement = try db.makeStatement(sql: sql)
        for (run, result) in results {
          let row = StoreRow(study, run, result, date: date, host: host)
          let cells = columns.map { $0.value(row).stored($0.kind) }
          try statement.execute(arguments: StatementArguments([run.databaseValue] + cells))
        }
      }
    } catch {
      throw failure(error)
    }
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
  public var columnNames: [String] { ["id"] + columns.map(\.name) }

  /// Calls `body` with each row in the order of the grid, a value for each name of `columnNames`.
  public func forEachRow(_ body: ([StoredValue]) throws -> Void) throws(ExportError) {
    let kinds = [.integer] + columns.map(\.kind)
    do {
      try queue.read { db in
        let names = columnNames.map { "\"\($0)\"" }.joined(separator: ", ")
        let rows = try Row.fetchCursor(db, sql: "SELECT \(names) FROM runs ORDER BY id")
        while let row = try rows.next() {
          try body((0..<row.count).map { StoredValue(row[$0], kinds[$0]) })
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
