import Experiments
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

  /// The columns that are read from measurements.
  private var measured: [StoreColumn] {
    StoreColumn.all.filter(\.isMeasured)
  }

  /// A result of which every quantity is another value.
  private func filled() -> Measurements {
    var result = Measurements()
    for (index, column) in measured.enumerated() {
      let value: JSONValue =
        switch column.kind {
        case .text, .unsigned: .string(column.name == "outcome" ? "diverged" : "text of \(column.name)")
        case .integer: .integer(1 << 40 + index)
        case .real: .number(Double(index) / 7)
        }
      result.take(value, named: column.name)
    }
    return result
  }

  /// Whoever keeps a quantity of runs adds a column, or it is lost on its way through messages and stores.
  @Test func everyFieldTravels() throws {
    let result = filled()
    #expect(result.json.entries.count == 25 && result.outcome == .diverged)
    let sent = SweepReport(
      results: [(7, result), (8, Measurements(failure: "Δ∞ alone"))], isHungry: true, isLast: false)
    let received = SweepReport(sent.bytes)
    #expect(received.isHungry && !received.isLast && received.results.map(\.run) == [7, 8])
    #expect(received.results[0].result.json == result.json)
    #expect(received.results[1].result.json == Measurements(failure: "Δ∞ alone").json)
    let last = SweepReport(SweepReport(isHungry: false, isLast: true).bytes)
    #expect(!last.isHungry && last.isLast && last.results.isEmpty)
  }

  @Test func everyFieldIsStored() throws {
    let study = try Study(
      yaml:
        "problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmethod: mgf\naxes: {lambda: [1, 2]}\nstop: {until: 1}"
    )
    let path = try temporaryFolder() + "/s.sqlite"
    let store = try SweepStore(writing: path, study)
    let result = filled()
    try store.write([(1, result)], host: "here")
    var cells: [String: StoredValue] = [:]
    try store.forEachRow { row in cells = Dictionary(uniqueKeysWithValues: zip(store.columnNames, row)) }
    for column in measured {
      switch result.json[column.name] {
      case .string(let text)?: #expect(cells[column.name] == .text(text))
      case .integer(let number)?: #expect(cells[column.name] == .integer(Int64(number)))
      case .number(let number)?: #expect(cells[column.name] == .real(number))
      default: Issue.record("\(column.name) is missing")
      }
    }
    // What the run found goes before what was stated.
    #expect(cells["lambda"] == .real(try #require(result.lambda)) && cells["alpha"] == .real(0.1))
    #expect(cells["seed"] == .integer(1) && cells["status"] == .text("failed") && cells["host"] == .text("here"))
  }
}
