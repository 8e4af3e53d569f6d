import Dynamics
import Files
import Foundation
import Regression

/// The folder of the checkout, found from this file.
public let checkout = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path()

/// One of the reference tables in `data/reference`, computed in 113-bit arithmetic.
public struct ReferenceCase: Sendable, CustomStringConvertible {
  /// A state at a time, its numbers read as the nearest doubles.
  public struct Sample: Decodable, Sendable {
    public let t: String?
    public let k: Int?
    public let w_plus: [Number]
    public let w_minus: [Number]
    /// w₊ then w₋.
    public var weights: [Double] { (w_plus + w_minus).map(\.value) }
  }
  /// A number printed to 31 digits, with or without quotes.
  public struct Number: Decodable, Sendable {
    public let value: Double
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self), let value = Double(text) {
        self.value = value
      } else {
        value = try container.decode(Double.self)
      }
    }
  }
  public struct Final: Decodable, Sendable {
    public let t: Double
    public let Delta_inf: [Number]
    public let theta_inf: [Number]
    public let crossings_plus: [Int]
    public let crossings_minus: [Int]
  }
  public struct Table: Decodable, Sendable {
    public let lambda: String?
    public let gamma: Double?
    public let beta: Double?
    public let samples: [Sample]
    public let final: Final?
  }

  public let name: String
  public let file: String
  public let table: Table
  public var description: String { "\(name)/\(file)" }

  public var folder: String { "\(checkout)data/reference/\(name)" }

  public init(_ name: String, _ file: String) throws {
    self.name = name
    self.file = file
    let url = URL(filePath: "\(checkout)data/reference/\(name)/\(file).json")
    table = try JSONDecoder().decode(Table.self, from: Data(contentsOf: url))
  }

  /// The instance's problem.
  public func problem() throws -> RegressionProblem {
    try RegressionProblem(
      designAt: "\(folder)/X.csv", responseAt: "\(folder)/y.csv", truthAt: "\(folder)/theta_star.csv")
  }

  /// The instance's start.
  public func start() throws -> Initialization {
    let problem = try problem()
    return try Initialization(
      u: NumericTable.column(contentsOf: "\(folder)/u0.csv"), v: NumericTable.column(contentsOf: "\(folder)/v0.csv"),
      features: problem.featureCount)
  }

  /// Every table of a momentum flow.
  public static let flows: [(String, String)] =
    ["centred-20x30", "uncentred-20x30"].flatMap { name in
      ["0.05", "0.5", "5"].map { (name, "mgf_lambda_\($0)") }
    } + ["0.02", "0.3", "2"].map { ("tiny-3x5", "mgf_lambda_\($0)") }

  /// Every table of a discrete run.
  public static let descents: [(String, String)] = [
    "mgd_gamma_0.002_beta_0.98", "mgd_gamma_0.01_beta_0.9", "mgd_gamma_0.05_beta_0.5",
  ].map { ("centred-20x30", $0) }
}
