import CMPI
import Dynamics

/// The processes of one MPI job, of which this is one. To be used from one thread.
///
/// A process by itself, and every process of a build without the trait MPI, is the only one of its job: sums over all ranks
/// are its own numbers then, and there is nobody to send to.
public final class Communicator: Reduction {
  /// Which process this is, from 0.
  public let rank: Int
  /// How many there are.
  public let size: Int
  private let hasBegun: Bool
  /// Set when another process does not answer: the end is then not waited for.
  public var isBroken = false

  /// A process by itself.
  public static var alone: Communicator { Communicator(rank: 0, size: 1, hasBegun: false) }

  private init(rank: Int, size: Int, hasBegun: Bool) {
    (self.rank, self.size, self.hasBegun) = (rank, size, hasBegun)
  }

  /// Joins the job that this process was started in; nil when MPI cannot be started.
  public static func join(_ launch: Launch) -> Communicator? {
    guard launch.size > 1 else { return .alone }
    #if MPI
      var (rank, size): (CInt, CInt) = (0, 1)
      guard cmpi_begin(&rank, &size) == 0 else { return nil }
      return Communicator(rank: Int(rank), size: Int(size), hasBegun: true)
    #else
      return nil
    #endif
  }

  /// Leaves the job, when all its processes do.
  public func leave() {
    #if MPI
      if hasBegun, !isBroken { cmpi_end() }
    #endif
  }

  /// Sends bytes; returns when they are on their way.
  public func send(_ bytes: [UInt8], to other: Int) {
    #if MPI
      cmpi_send(bytes, CInt(bytes.count), CInt(other))
    #endif
  }

  /// A message that has arrived.
  public func poll() -> (source: Int, bytes: [UInt8])? {
    #if MPI
      guard size > 1 else { return nil }
      var source: CInt = 0
      let count = cmpi_poll(&source)
      guard count >= 0 else { return nil }
      let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, length in
        cmpi_receive(buffer.baseAddress, count, source)
        length = Int(count)
      }
      return (Int(source), bytes)
    #else
      return nil
    #endif
  }

  /// Replaces numbers by their sums over all ranks.
  public func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int) {
    #if MPI
      if size > 1 { cmpi_sum(values, CInt(count)) }
    #endif
  }

  /// The numbers of all ranks, rank by rank, at rank 0; nil elsewhere.
  public func gather(_ values: [Double]) -> [[Double]]? {
    guard size > 1 else { return [values] }
    var counts = [Double](repeating: 0, count: size)
    counts[rank] = Double(values.count)
    sum(&counts, size)
    #if MPI
      let lengths = counts.map { CInt($0) }
      let places = lengths.indices.map { lengths[..<$0].reduce(0, +) }
      var all = [Double](repeating: 0, count: rank == 0 ? Int(lengths.reduce(0, +)) : 1)
      cmpi_gather(values, CInt(values.count), &all, lengths, places)
      guard rank == 0 else { return nil }
      return lengths.indices.map { Array(all[Int(places[$0])..<Int(places[$0] + lengths[$0])]) }
    #else
      return [values]
    #endif
  }

  /// The largest of a number over all ranks.
  public func largest(_ value: Double) -> Double {
    #if MPI
      guard size > 1 else { return value }
      // What MPI makes of not-a-number is undefined: it is told apart.
      var values = value.isNaN ? [0, 1] : [value, 0]
      cmpi_largest(&values, 2)
      return values[1] > 0 ? .nan : values[0]
    #else
      return value
    #endif
  }
}
