import ArgumentParser
import Descent
import Dynamics

/// The options of minibatches.
struct BatchOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Minibatches of this many samples.", valueName: "b"),
    transform: Parse.count)
  var batch: Int?

  @Flag(help: "Draw each minibatch anew instead of a permutation an epoch.")
  var replacement = false

  func validate() throws {
    guard !replacement || batch != nil else { throw ValidationError("--replacement goes with --batch.") }
  }

  /// The batches; how many samples there are is known when they are loaded. nil for the full gradient.
  func batches(seed: UInt64) throws -> DescentSettings.Batches? {
    guard let batch else { return nil }
    guard batch > 0 else { throw InvalidInput("--batch 0", because: "a batch has at least one sample") }
    return try DescentSettings.Batches(size: batch, of: .max, replacement: replacement, seed: seed)
  }
}
