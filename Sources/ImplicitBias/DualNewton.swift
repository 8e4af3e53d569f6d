import COpenBLAS
import DiagonalNetworks
import Dynamics
import RealModule

/// The point θ = ¼(a₊² e^{−2G} − a₋² e^{2G}) with G in the row space of X that interpolates: Xθ = y.
///
/// It minimises D_ψ(θ, θ̃₀) over the interpolators; G = Xᵀν, where ν minimises the smooth convex dual
/// Σᵢ ⅛(a₊² e^{−2G} + a₋² e^{2G})ᵢ + ⟨ν, y⟩. Newton's method in the coordinates of the row space (so that rank-deficient
/// designs are nothing special), on ln|a±|, with steps capped at max|2ΔG| = 20 and then Armijo's rule: without the cap it
/// diverges for small a. Complexity: O(d·rank²) an iteration; a handful near the solution, some dozens from afar.
///
/// Source: theory, section 6; Bregman's projection with the hyperbolic entropy (Woodworth et al., COLT 2020).
public struct DualNewton: Sendable {
  /// θ, d numbers.
  public let theta: [Double]
  /// G, d numbers: what is still to come of ∫g.
  public let shift: [Double]
  /// Newton steps taken.
  public let iterations: Int
  /// Whether Xθ = y holds to rounding.
  public let isConverged: Bool
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
    while !isConverged, iterations < 400, let step = state.newtonStep() {
      iterations += 1
      let longest = step.shift.maximumMagnitude
      guard longest.isFinite, state.search(along: step, longest: longest) else { break }
      // Newton's method is quadratic: the next step would be of the order of this one's square.
      isConverged = state.defectInRoundings <= 4 || longest < 1e-9
    }
    self.iterations = iterations
    // Where no step helps any more, rounding of a longer sum is what is left.
    self.isConverged = isConverged || state.defectInRoundings <= 256
    theta = state.theta
    shift = state.shift
    coordinates = state.coordinates
  }

  private struct Step {
    let coordinates: [Double]
    let shift: [Double]
    /// ⟨gradient of the dual, step⟩ < 0.
    let slope: Double
  }

  /// A point of the iteration. The logarithms of w± themselves are moved along, not recomputed from those of a± and G,
  /// which may both be in the hundreds: rounding of the large numbers then drops out as the small ones settle.
  private struct State {
    let space: RowSpace
    let target: [Double]
    private var logPlus: [Double]
    private var logMinus: [Double]
    private(set) var coordinates: [Double]
    private(set) var shift: [Double]
    private(set) var theta: [Double]
    /// The diagonal D of the Hessian R D Rᵀ: (w₊² + w₋²)/2.
    private var curvature: [Double]
    private var value = 0.0
    /// Rθ − z in the coordinates of the row space: minus the gradient of the dual.
    private var defect: [Double] = []

    init(_ space: RowSpace, target: [Double], _ logPlus: [Double], _ logMinus: [Double]) {
      self.space = space
      self.target = target
      self.logPlus = logPlus
      self.logMinus = logMinus
      coordinates = [Double](repeating: 0, count: space.rank)
      shift = [Double](repeating: 0, count: logPlus.count)
      theta = shift
      curvature = shift
    }

    /// The largest |defect| in units of its rounding: the rows of R have norm one.
    var defectInRoundings: Double {
      let size = theta.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return zip(defect, target).reduce(0) { largerOrNaN($0, abs($1.0) / (0x1p-52 * (size + abs($1.1)))) }
    }

    mutating func move(by step: [Double]) { move(by: step, shift: space.combination(step)) }

    private mutating func move(by step: [Double], shift change: [Double]) {
      var sum = 0.0
      for i in 0..<change.count {
        shift[i] += change[i]
        logPlus[i] -= change[i]
        logMinus[i] += change[i]
        let plus = 0.25 * Double.exp(2 * logPlus[i])
        let minus = 0.25 * Double.exp(2 * logMinus[i])
        theta[i] = plus - minus
        curvature[i] = 2 * (plus + minus)
        sum += plus + minus
      }
      for k in 0..<step.count { coordinates[k] += step[k] }
      defect = zip(space.components(theta), target).map { $0 - $1 }
      value = 0.5 * sum + zip(coordinates, target).reduce(0) { $0 + $1.0 * $1.1 }
    }

    func newtonStep() -> Step? {
      guard let solution = space.solveWeighted(curvature, defect) else { return nil }
      let slope = -zip(defect, solution).reduce(0) { $0 + $1.0 * $1.1 }
      return Step(coordinates: solution, shift: space.combination(solution), slope: slope)
    }

    /// Moves along `step`; false when no decrease is possible any more.
    mutating func search(along step: Step, longest: Double) -> Bool {
      var length = min(1, 10 / longest)
      let origin = self
      let defectBefore = defect.maximumMagnitude
      for _ in 0..<60 {
        move(by: step.coordinates.map { length * $0 }, shift: step.shift.map { length * $0 })
        if value <= origin.value + 1e-4 * length * step.slope { return true }
        // Close to the minimum the value no longer tells; the defect does.
        if value <= origin.value + 1e-13 * abs(origin.value), defect.maximumMagnitude < defectBefore { return true }
        self = origin
        length *= 0.5
      }
      return false
    }
  }
}
