import DiagonalNetworks
import Dynamics
import Experiments
import Export
import FoundationEssentials
import GSLSteppers

enum StepperBenchmark {
  struct Row {
    let instance: String
    let lambda: String
    let stepper: String
    let relative: Double
    let error: Double
    let passes: Int
    let seconds: Double

    var text: String {
      left(instance, 16) + left(lambda, 6) + left(stepper, 9) + left(short(relative), 8)
        + right(short(error, digits: 3), 10) + right("\(passes)", 10) + right(short(seconds * 1e3), 10)
    }

    var csv: String {
      "\(instance),\(lambda),\(stepper),\(relative),\(error),\(passes),\(seconds * 1e3)"
    }
  }

  private struct Table: Decodable {
    struct Sample: Decodable {
      let t: String
      let w_plus: [Double]
      let w_minus: [Double]
    }
    let samples: [Sample]
  }

  /// Every scheme at several tolerances on two instances and three values of λ.
  static func rows() throws -> [Row] {
    var rows: [Row] = []
    for instance in ["centred-20x30", "uncentred-20x30"] {
      let folder = "data/reference/\(instance)"
      let problem = try RegressionProblem(
        designAt: "\(folder)/X.csv", responseAt: "\(folder)/y.csv", truthAt: nil)
      let start = try Initialization(
        u: NumericTable.column(contentsOf: "\(folder)/u0.csv"), v: NumericTable.column(contentsOf: "\(folder)/v0.csv"),
        features: problem.featureCount)
      let setup = try Setup(problem: problem, start: start)
      for lambda in ["0.05", "0.5", "5"] {
        let data = try Data(contentsOf: URL(filePath: "\(folder)/mgf_lambda_\(lambda).json"))
        let table = try JSONDecoder().decode(Table.self, from: data)
        guard let last = table.samples.last, let end = Double(last.t) else { continue }
        for scheme in GSLScheme.allCases {
          for relative in scheme == .msbdf ? [1e-6, 1e-8] : [1e-6, 1e-9, 1e-12] {
            let flow = try FlowSpecification(
              kind: .mgf, lambda: Double(lambda), stepper: scheme.rawValue, relative: relative, absolute: 0)
            var best: FlowRun?
            for _ in 0..<3 {
              let run = try FlowRun.run(setup, flow, stop: .time(end), sampling: .times([end]))
              if run.wallSeconds < best?.wallSeconds ?? .infinity { best = run }
            }
            guard let best else { continue }
            let error = zip(best.weights, last.w_plus + last.w_minus).reduce(0) { max($0, abs($1.0 - $1.1)) }
            rows.append(
              Row(
                instance: instance, lambda: lambda, stepper: scheme.rawValue, relative: relative, error: error,
                passes: best.solution.statistics.passes, seconds: best.wallSeconds))
          }
        }
      }
    }
    return rows
  }

  static func write(_ lines: [String], to path: String) throws(ExportError) {
    try OutputFile.write(text: lines.joined(separator: "\n") + "\n", to: path)
  }
}
