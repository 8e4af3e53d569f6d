import Descent
import Dynamics

/// λ_c, the smallest λ at which some weight first changes its sign. The change enters from t = ∞, so that at λ_c the limit
/// of that weight vanishes: a root of its signed limit, found by Newton's method on ∂F/∂λ (discrete methods: by secants).
///
/// The search goes upwards by a tenth from the λ below which nothing changes, so that a change that is undone within
/// less than that, its `resolution`, may be missed: λ_c is the first change among λ that far apart.
package struct CriticalLambda {
  /// λ_c.
  package let value: Double
  /// Half the bracket that is left: λ_c is known to this.
  package let uncertainty: Double
  /// The coordinate whose limit vanishes: w₊ then w₋, 2d.
  package let coordinate: Int
  /// Runs that the search took.
  package let runs: Int

  /// The motion at some λ.
  package enum Motion: Sendable, Equatable {
    /// Momentum gradient flow.
    case flow
    /// A discrete method with this time step, for λ ≥ ε.
    case descent(step: Double, DescentSettings.Method)
  }

  /// The relative step of the search: a change of sign that is undone within less may be missed.
  package static let resolution = 0.1

  /// The λ up to which it is sought, in units of the one that it starts from.
  private static let reach = 1e5

  /// Searches from `certified` (discrete: from there or from ε). Throws `InvalidInput` when none is found, or a run cannot be made.
  ///
  /// - Parameter tolerance: the relative width of the last bracket.
  package init(
    _ setup: Setup, _ motion: Motion, from certified: Double, tolerance: Double, monitor: RunMonitor = RunMonitor()
  ) throws(InvalidInput) {
    var runs = 0
    let announcer = Announcer(monitor)
    func probe(_ lambda: Double) throws(InvalidInput) -> SignedLimit {
      runs += 1
      monitor.progress(0, "λ_c, run \(runs) at λ = \(short(lambda))")
      announcer.tell { "λ_c: run \(runs) at λ = \(short(lambda)), \(duration($0)) so far" }
      return try motion.signedLimit(setup, lambda: lambda, monitor: monitor)
    }
    var low = certified
    if case .descent(let step, _) = motion { low = max(certified, step) }
    let first = low
    var below = try probe(low)
    guard !below.hasChange else {
      throw InvalidInput(
        "λ_c", because: "some weight changes sign already at the smallest λ, \(short(low))",
        remedy: "choose a smaller ε")
    }
    var high = low
    var above = below
    while !above.hasChange {
      (low, below) = (high, above)
      high *= 1 + Self.resolution
      guard high <= Self.reach * first else {
        throw InvalidInput("λ_c", because: "no weight changes sign up to λ = \(short(high))")
      }
      above = try probe(high)
    }
    // The one that is bound to vanish: it is below zero above, or the smallest below.
    func threatened() -> Int {
      let candidates = above.values.indices.filter { above.values[$0] < 0 || above.changed.contains($0) }
      return candidates.min { below.values[$0] < below.values[$1] } ?? 0
    }
    while high - low > tolerance * high, runs < 400 {
      let j = threatened()
      let (f, g) = (below.values[j], above.values[j])
      var next = 0.5 * (low + high)
      // Newton from the nearer end; secants without a slope.
      if let slope = below.slopes?[j], slope < 0 {
        next = low - f / slope
        if let other = above.slopes?[j], other < 0, abs(g) < abs(f) { next = high - g / other }
      } else if g < 0 {
        next = low + (high - low) * f / (f - g)
      }
      // Stay inside, and step over the root so that the bracket closes from both sides.
      let margin = 0.25 * tolerance * high
      if !(next > low + margin) { next = low + margin }
      if !(next < high - margin) { next = high - margin }
      let middle = try probe(next)
      if middle.hasChange {
        (high, above) = (next, middle)
      } else {
        (low, below) = (next, middle)
        // Convergence from one side would leave the bracket wide.
        let beyond = next + 2 * margin
        if beyond < high {
          let other = try probe(beyond)
          if other.hasChange { (high, above) = (beyond, other) } else { (low, below) = (beyond, other) }
        }
      }
      if high - low > tolerance * high, runs % 12 == 0 {
        let half = try probe(0.5 * (low + high))
        if half.hasChange {
          (high, above) = (0.5 * (low + high), half)
        } else {
          (low, below) = (0.5 * (low + high), half)
        }
      }
    }
    value = 0.5 * (low + high)
    uncertainty = 0.5 * (high - low)
    coordinate = threatened()
    self.runs = runs
  }
}

extension CriticalLambda.Motion {
  /// Where weights are bound for at some λ. Throws `InvalidInput`.
  package func signedLimit(_ setup: Setup, lambda: Double, monitor: RunMonitor) throws(InvalidInput) -> SignedLimit {
    switch self {
    case .flow: try SignedLimit(setup, lambda: lambda, monitor: monitor)
    case .descent(let step, let method):
      try SignedLimit(setup, DescentSettings(lambda: lambda, step: step, method: method), monitor: monitor)
    }
  }

  /// The limit of one weight at some λ over its start, with its sign: |w±| from Δ∞ and θ∞, w±² = √(4θ² + Δ²) ± 2θ, the sign from
  /// where the weight is bound for. Throws `InvalidInput`.
  package func limit(
    of coordinate: Int, _ setup: Setup, lambda: Double, monitor: RunMonitor
  ) throws(InvalidInput) -> Double {
    let d = setup.problem.featureCount
    let (feature, isPlus) = (coordinate % d, coordinate < d)
    let end = try limit(setup, lambda: lambda, monitor: monitor)
    let (delta, theta) = (end.balancedness[feature], (isPlus ? 2 : -2) * end.theta[feature])
    let half = (theta * theta + delta * delta).squareRoot()
    // Without cancellation.
    let square = theta >= 0 ? half + theta : delta * delta / (half - theta)
    let sign = try signedLimit(setup, lambda: lambda, monitor: monitor).values[coordinate] < 0 ? -1.0 : 1
    return sign * square.squareRoot() / abs(setup.start.weights[coordinate])
  }
}
