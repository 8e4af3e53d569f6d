import Dynamics
import LinearAlgebra
import RealModule

/// The point θ = ¼(a₊² e^{−2G} − a₋² e^{2G}) with G in the row space of X that interpolates: Xθ = y.
///
/// It minimises D_ψ(θ, θ̃₀) over the interpolators; G = Xᵀν, where ν minimises the smooth convex dual
/// Σᵢ ⅛(a₊² e^{−2G} + a₋² e^{2G})ᵢ + ⟨ν, y⟩. Newton's method in the coordinates of the row space (so that rank-deficient
/// designs are nothing special), on ln|a±|, with a search along steps that move some |G| by more than ¼. For small a most
/// of the dual is flat and the step far too long: the search goes to where it has brought the next weight to life.
/// Complexity: O(d·rank²) an iteration; a handful near the solution, some dozens from afar.
///
/// Source: Theory, eq. 6.2; Bregman's projection with the hyperbolic entropy (Woodworth et al., COLT 2020).
public struct DualNewton: Sendable {
  /// θ, d numbers.
  public let theta: [Double]
  /// G, d numbers: what is still to come of ∫g.
  public let shift: [Double]
  /// Whether Xθ = y holds to rounding: to 4 units of it, or where no step helps any more to 4096.
  public let isConverged: Bool
  /// The largest defect of Xθ = y in coordinates of the row space: an error of θ.
  public let defect: Double
  /// A bound on what rounding does to θ, to first order, the condition of X and of the dual's Hessian included
  /// (`RowSpace.roundingError`); infinite where there is none. Complexity: O(d·rank²) a call.
  public var rounding: Double {
    end.space.roundingError(
      theta: theta, logarithms: logarithms, weights: end.curvature, coordinates: coordinates, target: end.target,
      defect: end.defect)
  }
  /// ln|a±|, 2d numbers, and where the iteration ended.
  private let logarithms: [Double]
  private let end: State
  /// Where to start the next time: the coordinates of G in the row space.
  let coordinates: [Double]

  /// Projects from the logarithms ln|a₊| and ln|a₋| (d numbers each, −∞ where a weight is zero).
  ///
  /// - Parameter start: coordinates of G to start from, those of an earlier projection nearby; zero when nil.
  public init(
    _ space: RowSpace, response: [Double], logPlus: [Double], logMinus: [Double], from start: [Double]? = nil
  ) {
    var state = State(space, target: space.coordinates(ofSolution: response), logPlus, logMinus)
    state.move(by: start ?? [Double](repeating: 0, count: space.rank))
    var iterations = 0
    var isConverged = state.defectInRoundings <= 4
    // What the defect has below this is rounding, which small weights blow up: more is left out where no step helps.
    var noise = 16.0
    while !isConverged, iterations < 1000, noise < state.defectInRoundings {
      iterations += 1
      guard let step = state.newtonStep(noise: noise), state.move(along: step) else {
        noise *= 16
        continue
      }
      noise = max(16, noise / 16)
      // Newton's method is quadratic: the next step would be of the order of this one's square.
      isConverged = state.defectInRoundings <= 4 || step.longest < 1e-9
    }
    // Where no step helps any more, rounding of a longer sum is what is left.
    self.isConverged = isConverged || state.defectInRoundings <= 4096
    defect = state.defect.maximumMagnitude
    end = state
    logarithms = logPlus + logMinus
    theta = state.theta
    shift = state.shift
    coordinates = state.coordinates
  }

  private struct Step {
    let coordinates: [Double]
    let shift: [Double]
    /// The largest |shift|.
    let longest: Double
  }

  /// A point of the iteration. The logarithms of w± themselves are moved along, not recomputed from those of a± and G,
  /// which may both be in the hundreds: rounding of the large numbers then drops out as the small ones settle.
  private struct State: Sendable {
    let space: RowSpace
    let target: [Double]
    private var logPlus: [Double]
    private var logMinus: [Double]
    /// ln|w₊/w₋|, moved along by itself: θ = ½|w₊w₋| sinh of it keeps its digits where w₊ ≈ w₋.
    private var logRatio: [Double]
    private(set) var coordinates: [Double]
    private(set) var shift: [Double]
    private(set) var theta: [Double]
    /// The diagonal D of the Hessian R D Rᵀ: (w₊² + w₋²)/2.
    private(set) var curvature: [Double]
    /// Rθ − z in the coordinates of the row space: minus the gradient of the dual.
    private(set) var defect: [Double] = []

    init(_ space: RowSpace, target: [Double], _ logPlus: [Double], _ logMinus: [Double]) {
      self.space = space
      self.target = target
      self.logPlus = logPlus
      self.logMinus = logMinus
      logRatio = zip(logPlus, logMinus).map { $0 - $1 }
      coordinates = [Double](repeating: 0, count: space.rank)
      shift = [Double](repeating: 0, count: logPlus.count)
      theta = shift
      curvature = shift
    }

    /// The largest |defect| in units of its rounding: the rows of R have norm one.
    var defectInRoundings: Double {
      let largest = defect.maximumMagnitude
      return largest == 0 ? 0 : largest / rounding
    }

    private var rounding: Double {
      0x1p-52 * (theta.reduce(0) { $0 + $1 * $1 }.squareRoot() + target.maximumMagnitude)
    }

    mutating func move(by step: [Double]) { move(by: step, shift: space.combination(step)) }

    private mutating func move(by step: [Double], shift change: [Double]) {
      for i in 0..<change.count {
        shift[i] += change[i]
        logPlus[i] -= change[i]
        logMinus[i] += change[i]
        let plus = 0.25 * Double.exp(2 * logPlus[i])
        let minus = 0.25 * Double.exp(2 * logMinus[i])
        logRatio[i] -= 2 * change[i]
        theta[i] =
          abs(logRatio[i]) < 1 ? 0.5 * Double.exp(logPlus[i] + logMinus[i]) * Double.sinh(logRatio[i]) : plus - minus
        curvature[i] = 2 * (plus + minus)
      }
      for k in 0..<step.count { coordinates[k] += step[k] }
      defect = zip(space.components(theta), target).map { $0 - $1 }
    }

    func newtonStep(noise: Double) -> Step? {
      // A step that overflows still has a direction.
      for scale in [1, 0x1p-600] {
        let right = defect.map { scale * $0 }
        guard let solution = space.solveWeighted(curvature, right, noise: scale * noise * rounding) else { continue }
        let shift = space.combination(solution)
        let longest = shift.maximumMagnitude
        if longest.isFinite { return Step(coordinates: solution, shift: shift, longest: longest) }
      }
      return nil
    }

    /// Moves along `step`, as far as the dual, which is convex, falls; false when it falls nowhere.
    mutating func move(along step: Step) -> Bool {
      let length = step.longest <= 0.25 ? 1 : searchedLength(step)
      guard length > 0 else { return false }
      move(by: step.coordinates.map { length * $0 }, shift: step.shift.map { length * $0 })
      return true
    }

    /// A length s ≤ 1 at which the slope of the dual along the step is at most a tenth of that at 0 in size, or still
    /// negative at 1: the first bracket moves no G by more than 1, and is doubled, then halved.
    private func searchedLength(_ step: Step) -> Double {
      let constant = zip(step.coordinates, target).reduce(0) { $0 + $1.0 * $1.1 }
      func slope(_ s: Double) -> Double {
        var sum = constant
        for i in 0..<step.shift.count {
          let change = s * step.shift[i]
          let plus = Double.exp(2 * (logPlus[i] - change))
          let minus = Double.exp(2 * (logMinus[i] + change))
          if step.shift[i] != 0 { sum -= 0.25 * (plus - minus) * step.shift[i] }
        }
        // Weights beyond all numbers on both sides: too far in any case.
        return sum.isNaN ? .infinity : sum
      }
      let enough = 0.1 * abs(slope(0))
      var (low, high) = (0.0, min(1, 1 / step.longest))
      var value = slope(high)
      while value < -enough, high < 1 {
        (low, high) = (high, min(1, 2 * high))
        value = slope(high)
      }
      if value <= enough { return high }
      for _ in 0..<100 {
        let middle = 0.5 * (low + high)
        value = slope(middle)
        if abs(value) <= enough { return middle }
        if value < 0 { low = middle } else { high = middle }
      }
      return low
    }
  }
}
