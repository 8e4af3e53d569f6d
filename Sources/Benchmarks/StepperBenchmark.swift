import Dynamics
import Experiments
import Files
import FoundationEssentials
import Regression

/// Every stepper at several tolerances on the instances of `data/reference`, against their 113-bit tables.
enum StepperBenchmark {
  static let header = ["case", "lambda", "stepper", "rtol", "error", "passes", "ms"]

  private struct Table: Decodable {
    /// Numbers are printed to 31 digits, as text or not.
    struct Number: Decodable {
      let value: Double
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = try (try? container.decode(String.self)).flatMap(Double.init) ?? container.decode(Double.self)
      }
    }
    struct Sample: Decodable {
      let t: String
      let w_plus: [Number]
      let w_minus: [Number]
    }
    let samples: [Sample]
  }

  static func rows() throws -> [[String]] {
    var rows: [[String]] = []
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
        for method in FlowSpecification.Method.all {
          for relative in tolerances(method) {
            let flow = try FlowSpecification(
              kind: .mgf, lambda: Double(lambda), stepper: method.name, relative: relative, absolute: 0)
            var best: FlowRun?
            for _ in 0..<3 {
              let run = try FlowRun.run(setup, flow, stop: .time(end), sampling: .times([end]))
              if run.wallSeconds < best?.wallSeconds ?? .infinity { best = run }
            }
            guard let best else { continue }
            let error = zip(best.weights, last.w_plus + last.w_minus).reduce(0) { max($0, abs($1.0 - $1.1.value)) }
            rows.append([
              instance, lambda, method.name, short(relative), short(error, digits: 3),
              "\(best.solution.statistics.passes)", short(best.wallSeconds * 1e3),
            ])
          }
        }
      }
    }
    return rows
  }

  private static func tolerances(_ method: FlowSpecification.Method) -> [Double] {
    if method.name == "msbdf" { return [1e-6, 1e-8] }
    return [1e-6, 1e-9, 1e-12] + (method.limitTolerance <= 1e-15 ? [1e-15] : [])
  }
}
