import Dynamics
import Files
import Sweeps

/// A claim of the theory as a grid of runs, with what is made of their results: a summary, a verdict and a figure.
///
/// One file states everything about a question, its page being the type's comment. The build lists
/// each `public struct Name: Question {` of this target's folder.
public protocol Question: Sendable {
  /// Its name, of which its study has one, too.
  var name: String { get }
  /// Its place among all questions.
  var number: Int { get }
  /// What the paper, or the theory, claims.
  var claim: String { get }
  /// The repetitions that finish in some seconds.
  var defaultSeeds: Int { get }

  /// The study files of its parts, most questions having one, in which `seeds` is the axis of repetitions.
  func grids(over seeds: String) -> [String]

  /// What the results say.
  func answer(_ table: ResultTable) -> Answer
}

extension Question {
  public var defaultSeeds: Int { 5 }

  /// The grids of its parts with seeds 1 … `seeds`. Throws `InvalidInput` for less than one.
  public func studies(seeds: Int) throws(InvalidInput) -> [Study] {
    guard seeds >= 1 else { throw InvalidInput("\(.seeds, seeds)", because: "at least one repetition is needed") }
    var studies: [Study] = []
    for text in grids(over: "seed: {linear: [1, \(seeds), \(seeds)]}") {
      studies.append(try Study(yaml: text, path: "study \(name)"))
    }
    return studies
  }

  /// What the stores of its parts say. Throws `ExportError` when one cannot be read.
  public func answer(_ stores: [SweepStore]) throws(ExportError) -> Answer { answer(try ResultTable(stores)) }
}

/// All questions in order.
public let questions: [any Question] = everyQuestion.sorted { $0.number < $1.number }
