import Descent
import Dynamics
import LinearAlgebra

/// What is worth a note about the columns of X, from one reading.
package struct ColumnSizes {
  /// The largest |entry| of each column.
  package private(set) var largest: [Double]
  /// The columns whose entries are all alike.
  package private(set) var constant: [Int]

  /// From this ratio of sizes on, features are called badly scaled.
  package static let spread = 1e6

  /// Complexity: O(nd).
  package init(_ design: DesignMatrix) {
    let (n, d) = (design.rows, design.columns)
    let first = design[row: 0]
    var largest = first.map { abs($0) }
    var varies = [Bool](repeating: false, count: d)
    for i in 1..<max(n, 1) {
      let row = design[row: i]
      for j in 0..<d {
        largest[j] = max(largest[j], abs(row[j]))
        if row[j] != first[j] { varies[j] = true }
      }
    }
    self.largest = largest
    constant = n > 1 ? varies.indices.filter { !varies[$0] } : []
  }

  /// The largest and the smallest column that is not zero, when they are far apart.
  package var extremes: (large: Int, small: Int)? {
    let live = largest.indices.filter { largest[$0] > 0 }
    guard let large = live.max(by: { largest[$0] < largest[$1] }),
      let small = live.min(by: { largest[$0] < largest[$1] }), largest[large] / Self.spread > largest[small]
    else { return nil }
    return (large, small)
  }

  /// The notes on columns of these names.
  package func notes(_ names: [String], remedy: Message) -> [Message] {
    var notes: [Message] = []
    if let (large, small) = extremes {
      let order = largest.indices.sorted { largest[$0] > largest[$1] }
      let typical = largest[order[order.count / 2]]
      let outliers = order.filter { largest[$0] > Self.spread * typical || largest[$0] * Self.spread < typical }
      let named = outliers.isEmpty ? [large, small] : outliers
      let list = named.prefix(4).map { "\"\(names[$0])\" up to \(short(largest[$0]))" }.joined(separator: ", ")
      notes.append(
        "features are badly scaled: entries up to \(short(largest[large])) in \"\(names[large])\" and up to "
          + "\(short(largest[small])) in \"\(names[small])\""
          + (named.count > 2 || !outliers.isEmpty && outliers != [large] && outliers != [small]
            ? " (far from the rest: \(list)\(named.count > 4 ? " and \(named.count - 4) more" : ""))" : "")
          + "; steps follow the largest, while the smallest hardly move: \(remedy)")
    } else if let size = largest.max(), size > 1e8 || size < 1e-8, size > 0, let j = largest.firstIndex(of: size) {
      notes.append(
        "all features are \(size > 1 ? "large" : "small"): entries up to \(short(size)) in \"\(names[j])\"; the unit of time is that of "
          + "1/(their square): \(remedy)")
    }
    let zero = constant.filter { largest[$0] == 0 }
    let rest = constant.filter { largest[$0] > 0 }
    func list(_ columns: [Int]) -> String {
      columns.prefix(4).map { "\"\(names[$0])\"" }.joined(separator: ", ")
        + (columns.count > 4 ? " and \(columns.count - 4) more" : "")
    }
    if !zero.isEmpty { notes.append("zero in every sample, their weights never move: \(list(zero))") }
    if !rest.isEmpty { notes.append("the same in every sample, they act as an intercept: \(list(rest))") }
    return notes
  }
}

extension Setup {
  /// What to do about sizes; nil when columns are alike.
  var scaleRemedy: Message? {
    guard problem.reduction == nil else { return nil }
    let sizes = ColumnSizes(problem.design)
    let size = sizes.largest.max() ?? 1
    return sizes.extremes != nil || size > 1e3 ? Self.scaleRemedy : nil
  }

  static let scaleRemedy: Message = "give \(.standardize), or scale the columns to a common size"

  /// The same with what is known of a flow before it runs.
  public func noting(_ flow: FlowSpecification, until end: Double? = nil) -> Setup {
    guard let mode = SteepestMode(self, at: start.weights) else { return self }
    let rate = max(mode.curvature, mode.gradient)
    let feature = mode.curvature >= mode.gradient ? mode.feature : mode.gradientFeature
    let lambda = flow.lambda
    let fastest = lambda > 0 && 4 * lambda * rate > 1 ? (rate / lambda).squareRoot() : rate
    // Steps are of the order of the fastest time scale while weights oscillate, which lasts some 70 λ: e³⁵ is what a double
    // resolves.
    let lasts = min(end ?? .infinity, 70 * lambda)
    let periods = fastest * lasts
    guard lambda > 0, 4 * lambda * rate > 1, periods > 1e6 else { return self }
    return adding(
      "at the start \"\(problem.featureNames[feature])\" oscillates with frequency √(h/λ) ≈ \(short(fastest)): to t = "
        + "\(short(lasts)) that makes \(short(periods, digits: 2)) steps and more")
  }

  /// The same with what is known of a discrete method before it runs.
  public func noting(_ settings: DescentSettings) -> Setup {
    guard let mode = SteepestMode(self, at: start.weights) else { return self }
    let gammaH = settings.gamma * mode.curvature
    guard gammaH > settings.stabilityLimit else { return self }
    return adding(
      "at the start γh ≥ \(short(gammaH)) where \(short(settings.stabilityLimit)) is the limit of stability (steepest: "
        + "\"\(problem.featureNames[mode.feature])\"): the iterates will grow; choose γ below "
        + "\(short(settings.stabilityLimit / mode.curvature, digits: 2)), or scale the columns")
  }

  /// The same with what is known of a number of iterations before any is made.
  public func noting(iterations: Int, _ limit: WorkLimit) -> Setup {
    guard let passes = limit.passes, iterations > passes else { return self }
    return adding(
      "\(short(Double(iterations), digits: 12)) iterations are more than \(.maximumWork, passes) (by default about an hour's work): "
        + "the run will end there")
  }
}
