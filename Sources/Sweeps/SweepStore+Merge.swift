import Dynamics
import Files
import Foundation
import GRDB

extension SweepStore {
  /// What a merge found.
  public struct Merge: Sendable {
    /// Runs of the study, and how many of them the parts hold.
    public let runs: Int
    public let completed: Int
    /// Runs that more than one part held, all alike.
    public let repeated: Int
  }

  /// Writes the union of stores of one study, shards or not, as a store of the whole study; parts need not be complete.
  /// Trajectories are copied.
  ///
  /// Throws `InvalidInput` when the parts do not belong together or contradict one another, `ExportError` when `path`
  /// cannot be written. Nothing appears under that name then.
  public static func merge(_ parts: [String], into path: String, force: Bool) throws -> Merge {
    try StoreFile.check(path)
    try OutputFile.check(path, endings: [""], force: force)
    if let old = try? SweepStore(reading: path), let shard = old.shard {
      throw InvalidInput(
        path, because: "it is shard \(shard) of a study itself, and would be replaced",
        remedy: "name the merged store first, then its parts")
    }
    var places: Set<String> = []
    for part in [path] + parts {
      let file = URL(filePath: StoreFile.absolute(part)).resolvingSymlinksInPath()
      guard places.insert(file.path(percentEncoded: false)).inserted else {
        throw InvalidInput(part, because: "it is named twice", remedy: "name the merged store, then each part once")
      }
    }
    let stores = try parts.map { try SweepStore(reading: $0) }
    guard let first = stores.first else { throw InvalidInput("sweep merge", because: "no part is named") }
    for store in stores { try store.requireMergeable(with: first) }
    let lock = try StoreLock(path)
    defer { withExtendedLifetime(lock) {} }
    var merge: Merge?
    // Not typed: what the parts are to blame for is an InvalidInput.
    var fault: InvalidInput?
    do {
      try OutputFile.write(path) { temporary throws(ExportError) in
        do {
          merge = try join(stores, temporary, folder: trajectoryFolder(path))
          // A log left by an earlier file of this name is not that of the new one.
          for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        } catch let error as InvalidInput {
          fault = error
          throw ExportError(.unusable, path, error.description)
        } catch {
          throw first.failure(error)
        }
      }
    } catch {
      throw fault ?? error
    }
    guard let merge else { throw ExportError(.failed, path, "nothing was merged") }
    return merge
  }

  private func requireMergeable(with first: SweepStore) throws(InvalidInput) {
    func mismatch(_ reason: Message, _ remedy: Message) -> InvalidInput {
      InvalidInput(Message(path), because: reason, remedy: remedy)
    }
    do {
      let (isLater, names) = try queue.read { db in
        (try Self.migrator.hasBeenSuperseded(db), try db.columns(in: "runs").map(\.name))
      }
      guard !isLater, names == columnNames, columns.map(\.name) == StoreColumn.columns(study).map(\.name) else {
        throw mismatch(
          "it was made by another version of mgf, with other columns",
          "do its runs again with one version for all parts")
      }
      guard study == first.study else {
        throw mismatch(
          "it holds another study than \(first.path)", "merge stores made from one study file with the same \(.set)")
      }
      let data = try [self, first].map { store in
        try store.queue.read { try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'data'") }
      }
      guard data[0] == data[1] else {
        throw mismatch("it was made from other data files than \(first.path)", "do its runs again with the same data")
      }
    } catch let error as InvalidInput {
      throw error
    } catch {
      throw Self.unusable(path, error)
    }
  }

  private static func join(_ stores: [SweepStore], _ temporary: String, folder: String) throws -> Merge {
    let first = stores[0]
    let queue = try DatabaseQueue(path: StoreFile.absolute(temporary))
    try migrator.migrate(queue)
    // The tables of a store that has just been made, without asking the data files, which need not be here.
    let (names, kept) = (first.columnNames, [true] + first.columns.map(\.isReproducible))
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    let marks = [String](repeating: "?", count: names.count).joined(separator: ", ")
    var origins = [Int](repeating: -1, count: try first.study.runCount())
    var (completed, repeated) = (0, 0)
    try queue.write { db in
      try createRuns(db, first.columns)
      let meta = try first.queue.read { try Row.fetchAll($0, sql: "SELECT key, value FROM meta WHERE key != 'shard'") }
      for row in meta { try db.execute(sql: "INSERT INTO meta VALUES (?, ?)", arguments: [row[0], row[1]]) }
      try db.execute(sql: "DELETE FROM meta WHERE key = 'shards'")
      // In how many shards it was divided tells later which of them are missing.
      let counts = Set(stores.map { $0.shard?.count ?? $0.divisions ?? 0 })
      if let count = counts.first, counts.count == 1, count > 0 {
        try db.execute(sql: "INSERT INTO meta VALUES ('shards', ?)", arguments: ["\(count)"])
      }
      let insertion = try db.makeStatement(sql: "INSERT INTO runs (\(list)) VALUES (\(marks))")
      let earlier = try db.makeStatement(sql: "SELECT \(list) FROM runs WHERE id = ?")
      for (number, store) in stores.enumerated() {
        try store.queue.read { part in
          let rows = try Row.fetchCursor(part, sql: "SELECT \(list) FROM runs ORDER BY id")
          while let row = try rows.next() {
            let values = Array(row.databaseValues)
            guard let run = Int.fromDatabaseValue(values[0]), origins.indices.contains(run) else {
              throw InvalidInput(store.path, because: "it holds runs that its study does not have")
            }
            guard origins[run] >= 0 else {
              try insertion.execute(arguments: StatementArguments(values))
              try store.copyTrajectory(row["trajectory"], to: folder)
              origins[run] = number
              completed += 1
              continue
            }
            repeated += 1
            let other = try Row.fetchOne(earlier, arguments: [run]).map { Array($0.databaseValues) } ?? []
            if let place = names.indices.first(where: { kept[$0] && other[$0] != values[$0] }) {
              throw InvalidInput(
                store.path,
                because: "run \(run) contradicts that of \(stores[origins[run]].path): \(names[place]) is "
                  + "\(values[place]), there \(other[place])",
                remedy: "leave out the one that is wrong; parts must come from processors of one type")
            }
          }
        }
      }
    }
    try queue.close()
    return Merge(runs: origins.count, completed: completed, repeated: repeated)
  }

  private func copyTrajectory(_ name: String?, to folder: String) throws {
    guard let name else { return }
    let (source, target) = (trajectoryFolder + "/" + name, folder + "/" + name)
    guard FileManager.default.fileExists(atPath: source) else {
      throw InvalidInput(source, because: "this trajectory is missing", remedy: "keep the folder beside its store")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      if FileManager.default.fileExists(atPath: target) { try FileManager.default.removeItem(atPath: target) }
      try FileManager.default.copyItem(atPath: source, toPath: target)
    } catch {
      throw ExportError(.failed, target, "the trajectory cannot be copied: \(error.localizedDescription)")
    }
  }
}
