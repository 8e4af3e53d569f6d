import Experiments
import Figures
import Files

/// What the runs of a question say.
public struct Answer: Sendable {
  /// The table.
  public let rows: [JSONObject]
  /// Numbers about all of it.
  public let summary: JSONObject
  /// What became of the claim, in words.
  public let verdict: String
  /// The figure.
  public let figure: Figure
}
