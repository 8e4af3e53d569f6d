import Dynamics
import LinearAlgebra
import RealModule

/// A Radau IIA collocation method: order 2s − 1, stiffly accurate, L-stable.
///
/// Nodes 0 < c₁ < … < c_s = 1 are the roots of P_s − P_{s−1} on [0, 1]; with the interpolation polynomial through 0 and the
/// nodes, h ẏ(cᵢ) = Σⱼ Dᵢⱼ Zⱼ for increments Z from the step's start, D = A⁻¹ with A the Butcher matrix. D has one real and
/// (s − 1)/2 pairs of complex eigenvalues for odd s. All coefficients are computed at construction and checked against the
/// order conditions.
///
/// Source: Hairer and Wanner, Solving Ordinary Differential Equations II, sections IV.5 and IV.8.
public struct RadauMethod: Sendable {
  /// The number s of stages: 3, 5 or 7.
  public let stages: Int
  /// The order 2s − 1.
  public var order: Int { 2 * stages - 1 }
  /// cᵢ, s numbers.
  public let nodes: [Double]
  /// bⱼ, s numbers.
  public let weights: [Double]
  /// A, s × s, row-major.
  public let butcher: [Double]
  /// D = A⁻¹, s × s, row-major.
  public let differentiation: [Double]
  /// D², s × s, row-major.
  public let secondDifferentiation: [Double]
  /// lᵢ(0): the Lagrange polynomials of the nodes at the step's start, for the error estimate.
  public let extrapolation: [Double]
  /// Coefficients of the Lagrange polynomials of {0, c₁, …, c_s} that belong to the nodes: row k holds those of xᵏ⁺¹.
  public let dense: [Double]
  /// The real eigenvalue of D.
  public let realShift: Double
  /// One of each complex pair.
  public let complexShifts: [(real: Double, imaginary: Double)]
  /// T⁻¹ in real form, s × s: row 0 for the real eigenvalue, then real and imaginary part for each pair.
  public let toModes: [Double]
  /// T in real form, s × s: ζ = T·(real coordinates of the modes).
  public let fromModes: [Double]

  /// The method with `stages` stages. Throws `InvalidInput` for another number than 3, 5 or 7, or when the coefficients do
  /// not satisfy the order conditions to 1e-13.
  public init(stages: Int) throws(InvalidInput) {
    switch stages {
    case 3: self = try Self.order5.get()
    case 5: self = try Self.order9.get()
    case 7: self = try Self.order13.get()
    default:
      throw InvalidInput(
        "\(stages) stages", because: "Radau IIA is offered with 3, 5 and 7 stages (orders 5, 9 and 13)")
    }
  }

  /// Computed once.
  private static let (order5, order9, order13) = (computed(3), computed(5), computed(7))

  private static func computed(_ stages: Int) -> Result<RadauMethod, InvalidInput> {
    Result { () throws(InvalidInput) in try RadauMethod(computing: stages) }
  }

  private init(computing s: Int) throws(InvalidInput) {
    stages = s
    let c = Self.radauNodes(s)
    nodes = c
    // Lagrange polynomials of the nodes, and of the nodes with 0.
    func lagrange(_ points: [Double], _ j: Int, _ x: Double) -> Double {
      points.indices.reduce(1.0) { $1 == j ? $0 : $0 * (x - points[$1]) / (points[j] - points[$1]) }
    }
    let gauss = GaussRule(s)
    weights = (0..<s).map { j in zip(gauss.nodes, gauss.weights).reduce(0) { $0 + $1.1 * lagrange(c, j, $1.0) } }
    butcher = (0..<s * s).map { k in
      let (i, j) = (k / s, k % s)
      return zip(gauss.nodes, gauss.weights).reduce(0) { $0 + $1.1 * c[i] * lagrange(c, j, c[i] * $1.0) }
    }
    extrapolation = (0..<s).map { lagrange(c, $0, 0) }
    let all = [0] + c
    var d = [Double](repeating: 0, count: s * s)
    let bary = all.indices.map { j in all.indices.reduce(1.0) { $1 == j ? $0 : $0 / (all[j] - all[$1]) } }
    for i in 1...s {
      for j in 1...s where i != j { d[(i - 1) * s + j - 1] = bary[j] / bary[i] / (all[i] - all[j]) }
      d[(i - 1) * s + i - 1] = (0...s).reduce(0) { $1 == i ? $0 : $0 + 1 / (all[i] - all[$1]) }
    }
    differentiation = d
    var square = [Double](repeating: 0, count: s * s)
    for i in 0..<s {
      for j in 0..<s { square[i * s + j] = (0..<s).reduce(0) { $0 + d[i * s + $1] * d[$1 * s + j] } }
    }
    secondDifferentiation = square
    // Coefficients by powers of the Lagrange polynomials of {0, c}: xᵏ, k = 1 … s (none has a constant).
    var dense = [Double](repeating: 0, count: s * s)
    for j in 1...s {
      var polynomial = [1.0]
      for m in 0...s where m != j {
        var next = [Double](repeating: 0, count: polynomial.count + 1)
        for (k, a) in polynomial.enumerated() {
          next[k + 1] += a
          next[k] -= a * all[m]
        }
        polynomial = next
      }
      for k in 1...s { dense[(k - 1) * s + j - 1] = polynomial[k] * bary[j] }
    }
    self.dense = dense

    let modes = try Self.modes(d, s)
    realShift = modes.real
    complexShifts = modes.complex
    toModes = modes.to
    fromModes = modes.from

    // B(2s − 1), C(s), and T·T⁻¹ = 1.
    for k in 1...(2 * s - 1) {
      let sum = zip(weights, c).reduce(0) { $0 + $1.0 * .pow($1.1, k - 1) }
      guard abs(sum * Double(k) - 1) < 1e-13 else { throw Self.unsound("B(\(k))") }
    }
    for k in 1...s {
      for i in 0..<s {
        let slope = (0..<s).reduce(0) { $0 + d[i * s + $1] * .pow(c[$1], k) }
        guard abs(slope - Double(k) * .pow(c[i], k - 1)) < 1e-11 else { throw Self.unsound("C(\(k))") }
        let unit = (0..<s).reduce(0) { $0 + fromModes[i * s + $1] * toModes[$1 * s + k - 1] }
        // The eigenvectors of seven stages are far from orthogonal; Newton's method needs no more.
        guard abs(unit - (i == k - 1 ? 1 : 0)) < 1e-8 else { throw Self.unsound("T") }
        let inverse = (0..<s).reduce(0) { $0 + butcher[i * s + $1] * d[$1 * s + k - 1] }
        guard abs(inverse - (i == k - 1 ? 1 : 0)) < 1e-11 else { throw Self.unsound("A") }
      }
    }
  }

  private static func unsound(_ condition: String) -> InvalidInput {
    InvalidInput(
      "Radau IIA", because: "its coefficients do not satisfy \(condition); the linear algebra library is at fault")
  }

  /// The roots of P_s − P_{s−1} on [0, 1], increasing; the last is 1.
  private static func radauNodes(_ s: Int) -> [Double] {
    var nodes: [Double] = []
    // A sign change between each two points of a fine grid, then bisection and Newton's method.
    func f(_ x: Double) -> Double { GaussRule.legendre(s, x).value - GaussRule.legendre(s - 1, x).value }
    let grid = (0...2000).map { -1 + 1.9995 * Double($0) / 2000 }
    for (a, b) in zip(grid, grid.dropFirst()) where f(a) * f(b) < 0 {
      var (low, high) = (a, b)
      for _ in 0..<60 {
        let middle = 0.5 * (low + high)
        if f(low) * f(middle) <= 0 { high = middle } else { low = middle }
      }
      nodes.append(0.5 * (1 + 0.5 * (low + high)))
    }
    return nodes + [1]
  }

  /// The eigenvalues of D, or of another matrix with one real eigenvalue, and its eigenvectors in real form.
  static func modes(
    _ d: [Double], _ s: Int
  ) throws(InvalidInput) -> (real: Double, complex: [(real: Double, imaginary: Double)], to: [Double], from: [Double]) {
    guard let (re, im, left, right) = Dense.eigenvectors(d, s), im.filter({ $0 == 0 }).count == 1,
      let real = im.firstIndex(of: 0)
    else { throw unsound("its spectrum") }
    var (to, from) = ([Double](repeating: 0, count: s * s), [Double](repeating: 0, count: s * s))
    let scale = (0..<s).reduce(0) { $0 + left[real * s + $1] * right[real * s + $1] }
    for i in 0..<s {
      to[i] = left[real * s + i] / scale
      from[i * s] = right[real * s + i]
    }
    var complex: [(real: Double, imaginary: Double)] = []
    for k in 0..<s where im[k] > 0 {
      // Right vector r = x + iy, left l = p + iq with lᴴD = μlᴴ; the row of T⁻¹ is lᴴ/(lᴴr).
      let (x, y) = (Array(right[k * s..<(k + 1) * s]), Array(right[(k + 1) * s..<(k + 2) * s]))
      let (p, q) = (Array(left[k * s..<(k + 1) * s]), Array(left[(k + 1) * s..<(k + 2) * s]))
      let dotRe = (0..<s).reduce(0) { $0 + p[$1] * x[$1] + q[$1] * y[$1] }
      let dotIm = (0..<s).reduce(0) { $0 + p[$1] * y[$1] - q[$1] * x[$1] }
      let size = dotRe * dotRe + dotIm * dotIm
      let column = 1 + 2 * complex.count
      for i in 0..<s {
        // (p − iq)/(dotRe + i dotIm)
        to[column * s + i] = (p[i] * dotRe - q[i] * dotIm) / size
        to[(column + 1) * s + i] = (-q[i] * dotRe - p[i] * dotIm) / size
        // A pair contributes 2 Re(r z) = 2(x Re z − y Im z).
        from[i * s + column] = 2 * x[i]
        from[i * s + column + 1] = -2 * y[i]
      }
      complex.append((re[k], im[k]))
    }
    return (re[real], complex, to, from)
  }
}
