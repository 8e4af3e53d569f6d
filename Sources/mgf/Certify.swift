import ArgumentParser
import Experiments

struct Certify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Certify a limit, and tell where between the kernel and the rich regime it lies.",
    discussion: """
      Finds Δ∞ and θ∞ as limit does, with the residuals and the distance from the independent minimiser, and compares θ∞ \
      with the interpolators of least ℓ1 norm (position 0, the rich regime) and of least ℓ2 norm (position 1, the kernel \
      regime), and the perturbed initialisation θ̃₀ with θ₀.

      Example: mgf certify --gaussian 20,30,3 --lambda 1
      """)

  @OptionGroup var options: Limit

  func run() throws {
    let (motion, criteria) = try (options.motion(), options.criteria())
    try perform(
      options.problem.experiment(.certify(motion, criteria), options.budget), options.asking, options.report,
      figure: options.figure)
  }
}
