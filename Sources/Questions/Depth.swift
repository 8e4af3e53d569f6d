import Dynamics
import Experiments
import Figures
import Files

/// Deeper networks.
///
/// `mgf study depth`
///
/// ## The claim
/// The deeper the network θ = w₊ᴸ − w₋ᴸ, the sparser what its flows find, from a start of the same α.
///
/// ## What is computed
/// Gradient flow (λ = 0) and momentum gradient flow at λ = 0.1 and 1 of the networks of depth L = 2, 3 and 4, from w±
/// = α with α = 0.2, 0.35 and 0.5, on 5 random problems (20 × 30, 3 non-zeros), each to a residual of 1e-4: test
/// error, ‖θ‖₁, support and time.
///
/// ## What was found
/// ‖θ‖₁ falls with the depth in all nine settings of λ and α, towards the 3 of θ*. At α = 0.35 the median test error
/// of gradient flow is 0.42, 0.067 and 0.0073 at depth 2, 3 and 4, at α = 0.2 it is 0.15, 0.0045 and 0.00011: the
/// claim holds. The price is time: 282, 2,160 and 17,900 at α = 0.2. Momentum raises the test error at every depth
/// here (λ = 1, α = 0.35: 0.66, 0.14, 0.024), on centred features as at depth 2, see ``Centring``.
///
/// ![The figure of the study](study-depth.svg)
///
/// ```
/// mgf study depth --figure study-depth.svg
/// ```
public struct Depth: Question {
  public let name = "depth"
  public let number = 13
  public let claim =
    "The deeper the network θ = w₊ᴸ − w₋ᴸ, the sparser what its flows find, from a start of the same α."

  /// The question.
  public init() {}

  public func grids(over seeds: String) -> [String] {
    [
      """
      name: \(name)
      problem: {gaussian: {samples: 20, features: 30, nonzeros: 3}}
      method: mgf
      axes: {depth: [2, 3, 4], lambda: [0, 0.1, 1], alpha: [0.2, 0.35, 0.5], \(seeds)}
      stop: {residual: 1e-4}
      """
    ]
  }

  public func answer(_ table: ResultTable) -> Answer {
    var rows: [JSONObject] = []
    var words: [String] = []
    var (errors, norms) = (Curves(), Curves())
    var isSparser = true
    let middle = table.middle("alpha")
    for (key, members) in table.groups(by: ["lambda", "alpha"]) {
      let name = flow(key[0])
      var (sizes, list): ([Double], [String]) = ([], [])
      for (depth, own) in table.split(members, by: "depth") {
        var row = JSONObject(["lambda": .number(key[0]), "alpha": .number(key[1]), "depth": .integer(Int(depth))])
        for name in ["test_error", "theta_l1", "support_overlap", "time"] { row.set(table.quartiles(name, own), name) }
        rows.append(row)
        let (error, norm) = (table.quartiles("test_error", own), table.quartiles("theta_l1", own))
        sizes.append(norm.median)
        guard key[1] == middle else { continue }
        errors.add(name, depth, error)
        norms.add(name, depth, norm)
        list.append("\(short(error.median, digits: 3)) at depth \(Int(depth))")
      }
      isSparser = isSparser && zip(sizes, sizes.dropFirst()).allSatisfy { $0 >= $1 }
      if key[1] == middle {
        words.append("\(name), α = \(short(key[1])): test error " + list.joined(separator: ", "))
      }
    }
    return Answer(
      rows: rows, summary: JSONObject(["norm_falls_with_depth": .bool(isSparser)]),
      verdict: (isSparser ? "holds" : "holds only in some settings") + "; " + words.joined(separator: "; "),
      figure: Figure(
        "Networks of depth L at α = \(short(middle)), (20, 30), medians over seeds", columns: 2,
        panels: [
          errors.panel("test error", x: "depth L", y: "test error", logarithmic: [.y]),
          norms.panel("ℓ1 norm", x: "depth L", y: "‖θ‖₁", logarithmic: []),
        ]))
  }
}
