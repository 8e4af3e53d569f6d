import COpenBLAS
import DiagonalNetworks
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
    state.move(to: start ?? [Double](repeating: 0, count: space.rank))
    var iterations = 0
    var isConverged = state.isAtRounding
    while !isConverged, iterations < 400, let step = state.newtonStep() {
      iterations += 1
      let longest = step.shift.maximumMagnitude
      guard longest.isFinite, state.search(along: step, longest: longest) else { break }
      // Newton's method is quadratic: the next step would be of the order of this one's square.
      isConverged = state.isAtRounding || longest < 1e-9
    }
    self.iterations = iterations
    self.isConverged = isConverged
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

  private struct State {
    let space: RowSpace
    let target: [Double]
    let logPlus: [Double]
    let logMinus: [Double]
    var coordinates: [Double] = []
    var shift: [Double] = []
    var theta: [Double] = []
    /// The diagonal D of the Hessian R D Rᵀ: (w₊² + w₋²)/2.
    var curvature: [Double] = []
    var value = 0.0
    /// Rθ − z in the coordinates of the row space: minus the gradient of the dual.
    var defect: [Double] = []
    var isAtRounding = false

    init(_ space: RowSpace, target: [Double], _ logPlus: [Double], _ logMinus: [Double]) {
      self.space = space
      self.target = target
      self.logPlus = logPlus
      self.logMinus = logMinus
    }

    mutating func move(to point: [Double]) { move(to: point, shift: space.combination(point)) }

    mutating func move(to point: [Double], shift newShift: [Double]) {
      coordinates = point
      shift = newShift
      let d = shift.count
      theta = [Double](repeating: 0, count: d)
      curvature = theta
      var sum = 0.0
      for i in 0..<d {
        let plus = 0.25 * Double.exp(2 * (logPlus[i] - shift[i]))
        let minus = 0.25 * Double.exp(2 * (logMinus[i] + shift[i]))
        theta[i] = plus - minus
        curvature[i] = 2 * (plus + minus)
        sum += plus + minus
      }
      let image = space.components(theta)
      defect = zip(image, target).map { $0 - $1 }
      value = 0.5 * sum + zip(point, target).reduce(0) { $0 + $1.0 * $1.1 }
      // The rows of R have norm one: rounding of Rθ is within ε‖θ‖ plus that of z.
      let size = theta.reduce(0) { $0 + $1 * $1 }.squareRoot()
      isAtRounding = zip(defect, target).allSatisfy { abs($0) <= 0x1p-52 * (size + abs($1)) }
    }

    func newtonStep() -> Step? {
      guard let solution = space.solveWeighted(curvature, defect) else { return nil }
      let slope = -zip(defect, solution).reduce(0) { $0 + $1.0 * $1.1 }
      return Step(coordinates: solution, shift: space.combination(solution), slope: slope)
    }

    /// Moves along `step`; false when no decrease is possible any more.
    mutating func search(along step: Step, longest: Double) -> Bool {
      var length = min(1, 10 / longest)
      let (origin, originShift, before) = (coordinates, shift, value)
      let defectBefore = defect.maximumMagnitude
      for _ in 0..<60 {
        move(
          to: zip(origin, step.coordinates).map { $0 + length * $1 },
          shift: zip(originShift, step.shift).map { $0 + length * $1 })
        // Close to the minimum the value no longer tells; the defect does.
        let rounding = 1e-13 * (abs(before) + 1e-300)
        if value <= before + 1e-4 * length * step.slope { return true }
        if value <= before + rounding, defect.maximumMagnitude < defectBefore { return true }
        length *= 0.5
      }
      move(to: origin, shift: originShift)
      return false
    }
  }
}
