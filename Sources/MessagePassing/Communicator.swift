import CMPI
import Dynamics
import Synchronization

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
  public var isBroken: Bool {
    get { broken.load(ordering: .relaxed) }
    set { broken.store(newValue, ordering: .relaxed) }
  }
  private let broken = Atomic<Bool>(false)
  private let spent = Atomic<Int>(0)

  /// Seconds that sums have taken, waiting for others included.
  public var seconds: Double { 1e-9 * Double(spent.load(ordering: .relaxed)) }

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
      guard size > 1 else { return }
      let began = ContinuousClock.now
      cmpi_sum(values, CInt(count))
      spent.add(Int((ContinuousClock.now - began) / .nanoseconds(1)), ordering: .relaxed)
    #endif
  }

  /// The numbers of all ranks in their order, at rank 0.
  public func gather(_ values: [Double]) -> [Double] {
    #if MPI
      guard size > 1 else { return values }
      var lengths = [Double](repeating: 0, count: size)
      lengths[rank] = Double(values.count)
      cmpi_sum(&lengths, CInt(size))
      let counts = lengths.map { CInt($0) }
      var (places, total): ([CInt], CInt) = ([], 0)
      for count in counts {
        places.append(total)
        total += count
      }
      var all = [Double](repeating: 0, count: rank == 0 ? Int(total) : 0)
      cmpi_gather(values, CInt(values.count), &all, counts, places)
      return all
    #else
      return values
    #endif
  }

  /// The largest of a number over all ranks; not-a-number when one is.
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
