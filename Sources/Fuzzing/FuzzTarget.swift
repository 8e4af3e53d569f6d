import RandomStreams

/// A kind of input, how to make one, and what must hold of whatever becomes of it.
package protocol FuzzTarget: Sendable {
  /// The name on the command line and of the folder of its regression cases.
  static var name: String { get }
  /// What an input's file is called, for those who recognise files by their names.
  static var fileName: String { get }
  /// The seconds that one input may take.
  static var limit: Double { get }

  /// `tool` is the path of the built `mgf`; nil where there is none.
  init(tool: String?) throws

  /// One input, a function of the state of `random` alone.
  func input(_ random: inout RandomStream) -> [UInt8]

  /// Gives `input` to the code under test in the empty folder `folder`; true when it is accepted, false when it is refused as
  /// it should be. Throws `Finding` for anything else.
  func judge(_ input: [UInt8], in folder: String) throws -> Bool
}

extension FuzzTarget {
  package static var limit: Double { 10 }
}

/// What is wrong with the treatment of an input.
package struct Finding: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// All targets. An experiment in JSON, once there are such files, gets a line here and a file in `Targets`.
package let fuzzTargets: [any FuzzTarget.Type] = [
  TableTarget.self, ArrayTarget.self, NetCDFTarget.self, StudyTarget.self, StoreTarget.self, OptionTarget.self,
]

/// The substream of a target, so that adding one does not change the inputs of the others: FNV-1a of its name.
func substream(_ name: String) -> UInt32 {
  name.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
}

/// The random numbers of input `index`: 2²⁰ draws for each.
package func draws(seed: UInt64, _ name: String, _ index: UInt64) -> RandomStream {
  RandomStream(seed: seed, substream: substream(name), position: index << 20)
}
