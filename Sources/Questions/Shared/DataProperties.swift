import Experiments
import RealModule
import Sweeps

/// What of a problem's data may decide whether momentum helps.
struct DataProperties {
  /// Their names in summaries and in words.
  static let names: [(key: String, text: String)] = [
    ("top_share", "the share of the largest eigenvalue in XXᵀ"),
    ("response_mean", "|mean y|/rms y"),
    ("common_gradient", "the share of the first gradient along 1"),
    ("condition", "ln of the condition number of XXᵀ"),
    ("lambda_certified", "ln λ_cert"),
  ]

  /// In the order of `names`.
  let values: [Double]

  /// Those of the problem of one row; nil when it cannot be loaded.
  init?(_ study: Study, row: Int) {
    guard let setup = try? Run.load(study, study.settings(row)), let run = try? Run(study, row, setup) else {
      return nil
    }
    let problem = setup.problem
    guard let squares = try? setup.rowSpace.singularValues.map({ $0 * $0 }) else { return nil }
    let y = problem.response
    let n = Double(y.count)
    let mean = y.reduce(0, +) / n
    let rms = (y.reduce(0) { $0 + $1 * $1 } / n).squareRoot()
    // θ₀ = 0: the first gradient is −Xᵀy/n.
    let d = problem.featureCount
    let gradient = (0..<d).map { i in (0..<y.count).reduce(0) { $0 + problem.design[$1, i] * y[$1] } }
    let sum = gradient.reduce(0, +)
    let norm = gradient.reduce(0) { $0 + $1 * $1 }
    values = [
      (squares.first ?? .nan) / squares.reduce(0, +), abs(mean) / rms, sum * sum / (Double(d) * norm),
      .log((squares.first ?? .nan) / (squares.last ?? .nan)),
      run.setup.certifiedLambda(lambda: 0).map { .log($0) } ?? .nan,
    ]
  }
}

/// Spearman's rank correlation of the pairs that are finite; not-a-number when one of them does not vary.
func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  let pairs = zip(x, y).filter { $0.isFinite && $1.isFinite }
  func ranks(_ values: [Double]) -> [Double] {
    // The mean rank where values are equal.
    values.map { value in
      Double(values.count { $0 < value }) + 0.5 * Double(values.count { $0 == value } - 1)
    }
  }
  let (a, b) = (ranks(pairs.map(\.0)), ranks(pairs.map(\.1)))
  let middle = 0.5 * Double(pairs.count - 1)
  let product = zip(a, b).reduce(0) { $0 + ($1.0 - middle) * ($1.1 - middle) }
  func spread(_ r: [Double]) -> Double { r.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } }
  return product / (spread(a) * spread(b)).squareRoot()
}
