import Dispatch
import Dynamics
import Experiments
import LinearAlgebra

/// The gradient in one pass over X, for one and for two right-hand sides, against two OpenBLAS dgemv for each of them.
enum KernelBenchmark {
  static let header = [
    "n", "d", "sides", "pass_us", "gflops", "gb_per_s", "two_dgemv_us", "dgemv_gflops", "ratio",
  ]

  static func rows() throws -> [[String]] {
    Parallelism.confineToOneThread()
    defer { Parallelism.confineToOneThread(false) }
    return try [(20, 30), (40, 100), (100, 1000), (200, 4000), (1000, 20000)].flatMap { n, d in
      let matrix = try Case(n, d)
      let seconds = race([{ matrix.one() }, { matrix.two() }, { matrix.dgemv() }])
      return [1, 2].map { sides in
        let (own, rival) = (seconds[sides - 1], Double(sides) * seconds[2])
        let (flops, bytes) = (4 * Double(sides * n * d) / 1e9, 8 * Double(n * d) / 1e9)
        return [
          "\(n)", "\(d)", "\(sides)", short(own * 1e6), short(flops / own, digits: 3), short(bytes / own, digits: 3),
          short(rival * 1e6), short(flops / rival, digits: 3), short(rival / own, digits: 3),
        ]
      }
    }
  }

  /// X of 1 GB in a tall and in a wide shape, on one thread and on two: GB/s of the pass and of reading X alone.
  static func memoryRows() throws -> [[String]] {
    try [(65_536, 2_048), (1_024, 131_072)].flatMap { n, d in
      let matrix = try Case(n, d)
      return [1, 2].flatMap { threads in
        Parallelism.confineToOneThread(threads == 1)
        defer { Parallelism.confineToOneThread(false) }
        let seconds = race([{ matrix.read(threads: threads) }, { matrix.one() }, { matrix.two() }], rounds: 7)
        return [1, 2].map { sides in
          let bytes = 8 * Double(n * d) / 1e9
          return [
            "\(n)", "\(d)", "\(sides)", "\(threads)", short(bytes / seconds[0], digits: 3),
            short(bytes / seconds[sides], digits: 3), short(seconds[0] / seconds[sides], digits: 3),
          ]
        }
      }
    }
  }

  static let memoryHeader = ["n", "d", "sides", "threads", "read_gb_per_s", "pass_gb_per_s", "share"]

  /// One shape with all the memory that the rivals need.
  private final class Case {
    private let gradient: DesignMatrix.Gradient
    private let x: [Double]
    private let y: [Double]
    private let theta: AlignedMemory
    private let r: (AlignedMemory, AlignedMemory)
    private let g: (AlignedMemory, AlignedMemory)
    private let n: Int
    private let d: Int

    init(_ n: Int, _ d: Int) throws {
      (self.n, self.d) = (n, d)
      var state: UInt64 = 1
      var elements = [Double](repeating: 0, count: n * d)
      for i in elements.indices {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        elements[i] = Double(state >> 11) * 0x1p-53 - 0.5
      }
      gradient = DesignMatrix.Gradient(try DesignMatrix(rows: n, columns: d, elements: elements))
      x = elements
      y = [Double](repeating: 1, count: n)
      let (width, height) = (AlignedMemory.padded(d), AlignedMemory.padded(n))
      theta = AlignedMemory(count: width)
      for i in 0..<d { theta.base[i] = 0.1 }
      r = (AlignedMemory(count: height), AlignedMemory(count: height))
      g = (AlignedMemory(count: width), AlignedMemory(count: width))
    }

    func one() {
      y.withUnsafeBufferPointer {
        gradient.evaluate(theta.base, target: $0.baseAddress, residual: r.0.base, gradient: g.0.base)
      }
    }

    func two() {
      y.withUnsafeBufferPointer {
        gradient.evaluatePair(
          theta.base, theta.base, target: $0.baseAddress, residuals: (r.0.base, r.1.base),
          gradients: (g.0.base, g.1.base))
      }
    }

    func dgemv(times: Int = 1) {
      for _ in 0..<times {
        for i in 0..<n { r.0.base[i] = y[i] }
        Dense.image(of: theta.base, by: x, n, d, keeping: -1, into: r.0.base)
        Dense.pull(r.0.base, by: x, n, d, scale: 1 / Double(n), into: g.0.base)
      }
    }

    /// Reads X once, in as many parts as there are threads: a sum in four vectors.
    func read(threads: Int) {
      let part = x.count / 32 / threads
      x.withUnsafeBytes { bytes in
        nonisolated(unsafe) let base = bytes.baseAddress
        DispatchQueue.concurrentPerform(iterations: threads) { index in
          guard let vectors = base?.assumingMemoryBound(to: SIMD8<Double>.self) else { return }
          var (a, b, c, d) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
          for i in stride(from: 4 * index * part, to: 4 * (index + 1) * part, by: 4) {
            a += vectors[i]
            b += vectors[i + 1]
            c += vectors[i + 2]
            d += vectors[i + 3]
          }
          if (a + b + (c + d)).sum() == 0 { print("X is zero") }
        }
      }
    }
  }
}
