import Dynamics
import Foundation

/// Several threads in place of several processes: each holds a part, and all meet at every reduction.
public final class ThreadedParts: @unchecked Sendable {
  private let size: Int
  private let condition = NSCondition()
  private var slots: [[Double]]
  private var arrived = 0
  private var round = 0
  /// How many numbers were sent at once, in order: what communication there was.
  public private(set) var lengths: [Int] = []

  private init(_ size: Int) {
    self.size = size
    slots = [[Double]](repeating: [], count: size)
  }

  /// Calls `body` for each part at once; what the parts return, and the lengths of the messages.
  public static func run<T: Sendable>(_ size: Int, _ body: @escaping @Sendable (any Reduction) throws -> T) throws
    -> (results: [T], lengths: [Int])
  {
    let parts = ThreadedParts(size)
    let results = Results<T>(size)
    for rank in 0..<size {
      Thread { results.put(rank, Result { try body(Part(parts, rank, size)) }) }.start()
    }
    results.wait()
    return (try results.values.map { try $0.get() }, parts.lengths)
  }

  /// Hands in the numbers of one part and takes those of all.
  private func exchange(_ rank: Int, _ values: [Double]) -> [[Double]] {
    condition.lock()
    defer { condition.unlock() }
    slots[rank] = values
    arrived += 1
    let mine = round
    if arrived == size {
      lengths.append(values.count)
      published = slots
      (arrived, round) = (0, round + 1)
      condition.broadcast()
    } else {
      while round == mine { condition.wait() }
    }
    return published
  }

  private var published: [[Double]] = []

  private final class Part: Reduction, @unchecked Sendable {
    let parts: ThreadedParts
    let rank: Int
    let size: Int
    init(_ parts: ThreadedParts, _ rank: Int, _ size: Int) { (self.parts, self.rank, self.size) = (parts, rank, size) }

    func sum(_ values: UnsafeMutablePointer<Double>, _ count: Int) {
      let all = parts.exchange(rank, Array(UnsafeBufferPointer(start: values, count: count)))
      for i in 0..<count { values[i] = all.reduce(0) { $0 + $1[i] } }
    }

    func largest(_ value: Double) -> Double {
      parts.exchange(rank, [value]).reduce(-.infinity) { largerOrNaN($0, $1[0]) }
    }
    func gather(_ values: [Double]) -> [Double] {
      let all = parts.exchange(rank, values)
      return rank == 0 ? all.flatMap { $0 } : []
    }
  }

  private final class Results<T: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var found: [Result<T, any Error>?]
    init(_ size: Int) { found = [Result<T, any Error>?](repeating: nil, count: size) }
    var values: [Result<T, any Error>] { found.compactMap { $0 } }

    func put(_ rank: Int, _ result: Result<T, any Error>) {
      condition.lock()
      found[rank] = result
      condition.broadcast()
      condition.unlock()
    }

    func wait() {
      condition.lock()
      while found.contains(where: { $0 == nil }) { condition.wait() }
      condition.unlock()
    }
  }
}
