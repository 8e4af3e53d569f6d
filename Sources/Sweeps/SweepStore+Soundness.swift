import Dynamics
import GRDB

extension SweepStore {
  /// Throws unless the file is whole as far as SQLite can tell, the study could have been read from a study file, and every row
  /// of `runs` is one that a sweep writes: a damaged store is refused, never read in part. Complexity: one pass over the file.
  static func requireSound(_ db: Database, _ study: Study) throws {
    if let fault = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), fault != "ok" { throw damaged(fault) }
    for group in study.groups {
      guard let first = group.first, group.allSatisfy({ $0.values.count == first.values.count }) else {
        throw damaged("its study has an axis without values")
      }
      for axis in group { _ = try Axis(axis.setting, axis.values) }
    }
    for (setting, value) in study.fixed.entries {
      if let complaint = setting.complaint(value) {
        throw damaged("\(setting.rawValue) is \(value) in its study: \(complaint)")
      }
    }
    try study.validate()
    guard try db.tableExists("runs") else { throw damaged("it has no table of runs") }
    // Each column is of its declared kind; SQLite itself lets any value into any column.
    let kinds = try db.columns(in: "runs").map { column in
      let kinds =
        switch column.type {
        case "TEXT": "'text', 'null'"
        case "REAL": "'real', 'integer', 'null'"
        default: "'integer', 'null'"
        }
      return "typeof(\"\(column.name.replacing("\"", with: "\"\""))\") NOT IN (\(kinds))"
    }
    let faults = kinds + ["id < 0", "id >= \(try study.runCount())", "outcome IS NULL AND failure IS NULL"]
    let condition = faults.map { "(\($0))" }.joined(separator: " OR ")
    if let row = try DatabaseValue.fetchOne(db, sql: "SELECT id FROM runs WHERE \(condition) LIMIT 1") {
      throw damaged("its run \(row) is none that a sweep writes")
    }
  }

  private static func damaged(_ fault: String) -> DatabaseError { DatabaseError(message: "it is damaged: \(fault)") }
}
