import Dynamics
import Foundation
import Sweeps
import TestSupport
import Testing

/// The one list of columns: every field of a result is in it, and goes through messages and rows.
@Suite struct StoreColumnTests {
  /// The table as it has always been.
  @Test func namesAndOrderAreAContract() throws {
    let names = """
      status outcome failure method gamma beta lambda step alpha seed iterations time loss residual_max delta_ratio_min \
      delta_ratio_median delta_ratio_max delta_error theta_l1 test_error theta_error plain_test_error lambda_certified \
      lambda_critical support_overlap perturbation features_99 top_features path_error gradient_evaluations parameters \
      trajectory software wall_seconds finished_at host
      """
    #expect(StoreColumn.all.map(\.name) == names.split(separator: " ").map(String.init))
    #expect(StoreColumn.all.map(\.declaration).contains("\"wall_seconds\" REAL NOT NULL"))
    #expect(
      StoreColumn.all.filter { !$0.isReproducible }.map(\.name) == ["software", "wall_seconds", "finished_at", "host"])
    let hidden = ["method", "parameters", "software", "finished_at", "host"]
    #expect(StoreColumn.all.filter { !$0.isExported }.map(\.name) == hidden)
    #expect(StoreColumn.all.allSatisfy { ($0.unit == nil) == ($0.kind == .text) })
  }

  /// A result of which every field is another value.
  private func filled() -> (result: RunResult, fields: Int) {
    var result = RunResult(failure: "")
    var fields = 0
    for column in StoreColumn.all {
      fields += 1
      switch column.source {
      case .text(let field): result[keyPath: field] = column.name == "outcome" ? "diverged" : "text of \(column.name)"
      case .integer(let field): result[keyPath: field] = 1000 + fields
      case .real(let field), .found(_, let field): result[keyPath: field] = Double(fields) / 7
      case .setting, .derived: fields -= 1
      }
    }
    return (result, fields)
  }

  @Test func everyFieldTravels() throws {
    let (result, fields) = filled()
    let children = Mirror(reflecting: result).children
    // Whoever adds a field to a result adds a column, or this fails.
    #expect(children.count == fields && fields == 25)
    #expect(children.allSatisfy { "\($0.value)" != "nil" })
    let sent = SweepReport(results: [(7, result), (8, RunResult(failure: "alone"))], isHungry: true, isLast: false)
    let received = SweepReport(sent.bytes)
    #expect(received.isHungry && !received.isLast && received.results.map(\.run) == [7, 8])
    #expect("\(received.results[0].result)" == "\(result)")
    #expect("\(received.results[1].result)" == "\(RunResult(failure: "alone"))")
  }

  @Test func everyFieldIsStored() throws {
    let study = try Study(
      yaml:
        "problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmethod: mgf\naxes: {lambda: [1, 2]}\nstop: {until: 1}"
    )
    let path = try temporaryFolder() + "/s.sqlite"
    let store = try SweepStore(writing: path, study)
    let result = filled().result
    try store.write([(1, result)], host: "here")
    var cells: [String: StoredValue] = [:]
    try store.forEachRow { row in cells = Dictionary(uniqueKeysWithValues: zip(store.columnNames, row)) }
    for column in StoreColumn.all {
      switch column.source {
      case .text(let field): #expect(cells[column.name] == result[keyPath: field].map { .text($0) })
      case .integer(let field): #expect(cells[column.name] == result[keyPath: field].map { .integer(Int64($0)) })
      case .real(let field): #expect(cells[column.name] == result[keyPath: field].map { .real($0) })
      case .setting, .found, .derived: break
      }
    }
    // What the run found goes before what was stated.
    #expect(cells["lambda"] == .real(try #require(result.lambda)) && cells["alpha"] == .real(0.1))
    #expect(cells["seed"] == .integer(1) && cells["status"] == .text("failed") && cells["host"] == .text("here"))
  }
}
