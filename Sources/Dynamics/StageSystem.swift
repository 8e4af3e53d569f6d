/// What an implicit Runge–Kutta method needs of λẅ + ẇ + f(w) = 0 (λ = 0: ẇ = −f) beside evaluation: f at increments from
/// the step's start, and the solution of (ν + Df) y = b without a dense matrix. With its memory.
///
/// Vectors of stages are stored stage by stage, `stages` × `positionCount`.
public protocol StageSystem: AnyObject {
  /// The number m of positions w.
  var positionCount: Int { get }
  /// λ.
  var inertia: Double { get }

  /// The work done so far in multiply-adds, as far as it depends on the size of the problem.
  var work: Double { get }

  /// Moves the origin of increments to w, from scratch.
  func begin(_ w: UnsafePointer<Double>)

  /// Moves the origin of increments to w, which is the old one plus the last increments evaluated, up to rounding: what was
  /// carried along there, the residual, is kept.
  func advance(to w: UnsafePointer<Double>)

  /// Writes f(w₀) of the origin, m numbers.
  func force(into f: UnsafeMutablePointer<Double>)

  /// Writes f(w₀ + ζᵢ) of all stages from their increments. `stages` passes.
  func evaluate(_ zeta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>)

  /// Takes Df at w₀ + ζ for the systems to come. One pass.
  func linearize(at zeta: UnsafePointer<Double>)

  /// Factors ν + Df for the real shift ν and the complex shifts νₖ; false when one is singular.
  func factor(real: Double, complex: [(real: Double, imaginary: Double)]) -> Bool

  /// Solves in place: column 0 with the real shift; columns 2k + 1 and 2k + 2 are the real and imaginary part of one with
  /// the complex shift k. Stored column by column, m numbers each. A pass a column.
  func solve(_ b: UnsafeMutablePointer<Double>)

  /// Solves in place with the real shift alone, m numbers.
  func solveReal(_ b: UnsafeMutablePointer<Double>)

  /// The integrands of the field's quadratures at the stages last evaluated, given the rates ẇ there: stage by stage,
  /// `quadratureCount` numbers each. Right after `evaluate`.
  func integrands(_ rates: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>)
}

/// A vector field whose state is w, then ẇ if λ > 0, then quadratures, and that offers the structure of its Jacobian.
public protocol StageField: VectorField {
  /// Memory for a method of this many stages.
  func makeStageSystem(stages: Int) -> any StageSystem

  /// The multiply-adds of a usual step of a method of this many stages, before any was taken.
  func stageWork(stages: Int) -> Double
}
