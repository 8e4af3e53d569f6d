import Dynamics
import Regression

/// Data as they were read, drawn or handed in, with what there is to say of that.
public struct ProblemData: Sendable {
  /// What they were made of, without a start; nil of arrays that lie in memory.
  let specification: ProblemSpecification?
  /// The data.
  public let problem: RegressionProblem
  /// The preset, when one was named.
  let preset: Preset?
  /// Whether anything was drawn.
  let usesSeed: Bool
  /// How files were read, where there is something to say.
  let reading: [Message]

  init(
    specification: ProblemSpecification, problem: RegressionProblem, preset: Preset?, usesSeed: Bool, reading: [Message]
  ) {
    self.specification = specification
    self.problem = problem
    self.preset = preset
    self.usesSeed = usesSeed
    self.reading = reading
  }

  /// Arrays for a problem that speaks of them.
  public init(arrays problem: RegressionProblem) {
    self.problem = problem
    (specification, preset, usesSeed, reading) = (nil, nil, false, [])
  }
}
