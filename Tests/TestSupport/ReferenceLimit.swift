import Foundation
import LinearAlgebra
import Regression

/// One of the limits in `Tests/Reference/limits.json`, computed in 160 to 260 bits by the script beside it.
public struct ReferenceLimit: Decodable, Sendable, CustomStringConvertible {
  public let kind: String
  public let X: [[Double]]
  public let y: [Double]
  public let alpha: Double
  /// λ; nil for gradient flow.
  public let lambda: Double?
  public let theta: [Double]
  public let log10_delta: [Double]
  public let sign_changes: Int
  /// How far halving the steps moved θ∞ and ln Δ∞.
  public let error: [Double]

  public var description: String { "\(kind), α = \(alpha), \(lambda.map { "λ = \($0)" } ?? "gradient flow")" }

  public func problem() throws -> RegressionProblem {
    try RegressionProblem(
      name: kind, design: DesignMatrix(rows: X.count, columns: X[0].count, elements: X.flatMap { $0 }), response: y)
  }

  /// The whole table.
  public static func table() throws -> [ReferenceLimit] {
    let url = URL(filePath: "\(checkout)Tests/Reference/limits.json")
    return try JSONDecoder().decode([ReferenceLimit].self, from: Data(contentsOf: url))
  }
}
