import Dispatch
import Dynamics
import Experiments
import Files
import Glibc
import LinearAlgebra
import RandomStreams

/// A problem of n = 1,000, d = 10⁶ (8 GB), from a NumPy file: peak memory of whole runs over the size of X, and the
/// bandwidth of the gradient against that of reading X, in the same run. The file goes to `TMPDIR`, and away at the end.
enum LargeBenchmark {
  private static let (n, d) = (1000, 1_000_000)

  static func run(_ folder: String) throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let place = "\(parent)/mgf-bench-large-\(getpid())"
    mkdir(place, 0o700)
    let (x, y) = ("\(place)/X.npy", "\(place)/y.npy")
    defer {
      for path in [x, y] { unlink(path) }
      rmdir(place)
    }
    print("\nX: \(n) × \(d), \(short(bytes / 1e9)) GB, in \(x)")
    try write(x, y)
    for (name, title, table) in [
      // First: a child's peak counts from that of its parent.
      ("large-memory", "Whole runs on it: peak memory, mapped pages included, over the size of X", { try runs(x, y) }),
      ("large-gradient", "Gradients of the mapped X against reading it, GB/s of X", { try bandwidth(x) }),
    ] as [(String, String, () throws -> Table)] {
      print("\n\(title)")
      let table = try table()
      table.print()
      try table.write(to: "\(folder)/\(name).csv")
      print("written: \(folder)/\(name).csv")
    }
  }

  private static var bytes: Double { 8 * Double(n) * Double(d) }

  // MARK: The file

  /// Normal numbers as rows of a long one, shifted and scaled at random: drawing 10⁹ would take minutes. y is made by ten
  /// coefficients.
  private static func write(_ x: String, _ y: String) throws {
    var stream = RandomStream(seed: 1, substream: 99)
    let spread = 65_536
    let base = (0..<d + spread).map { _ in stream.normal() }
    let support = (0..<10).map { _ in Int(stream.uniform() * Double(d)) }
    var targets: [Double] = []
    let writer = try FileWriter(x)
    put(header("(\(n), \(d))"), writer)
    for _ in 0..<n {
      let (scale, shift) = (stream.normal(), Int(stream.uniform() * Double(spread)))
      let row = (0..<d).map { scale * base[shift + $0] + 0.5 * base[d - 1 - $0] }
      targets.append(support.reduce(0) { $0 + row[$1] })
      row.withUnsafeBytes { writer.put($0) }
    }
    try writer.close()
    let second = try FileWriter(y)
    put(header("(\(n),)"), second)
    targets.withUnsafeBytes { second.put($0) }
    try second.close()
  }

  private static func put(_ bytes: [UInt8], _ writer: FileWriter) { bytes.withUnsafeBytes { writer.put($0) } }

  private static func header(_ shape: String) -> [UInt8] {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }"
    let blanks = [UInt8](repeating: 0x20, count: 118 - text.utf8.count - 1)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + blanks + [0x0A]
  }

  // MARK: Bandwidth

  private static func bandwidth(_ path: String) throws -> Table {
    let design = try DesignMatrix(npyAt: path)
    let gradient = DesignMatrix.Gradient(design)
    let (width, height) = (AlignedMemory.padded(d), AlignedMemory.padded(n))
    let (theta, g) = (AlignedMemory(count: 2 * width), AlignedMemory(count: 2 * width))
    let (r, y) = (AlignedMemory(count: 2 * height), [Double](repeating: 1, count: n))
    nonisolated(unsafe) let (a, b, ga, gb) = (theta.base, theta.base + width, g.base, g.base + width)
    /// One gradient after the other, each followed by the next θ.
    func chain(sides: Int) {
      gradient.sweep(
        (r.base, sides == 2 ? r.base + height : nil), gradients: (ga, sides == 2 ? gb : nil),
        thetas: (a, sides == 2 ? b : nil)
      ) { columns in
        for j in columns {
          a[j] -= 1e-9 * ga[j]
          if sides == 2 { b[j] -= 1e-9 * gb[j] }
        }
      }
    }
    var rows: [[String]] = []
    for threads in [1, 2] {
      Parallelism.confineToOneThread(threads == 1)
      defer { Parallelism.confineToOneThread(false) }
      let seconds = race(
        [
          { read(design, threads: threads) },
          {
            y.withUnsafeBufferPointer { gradient.evaluate(a, target: $0.baseAddress, residual: r.base, gradient: ga) }
          },
          { chain(sides: 1) }, { chain(sides: 2) },
        ], rounds: 3)
      let rates = seconds.map { bytes / 1e9 / $0 }
      for (name, index, gradients) in [("lone", 1, 1.0), ("next", 2, 1.0), ("next two", 3, 2.0)] {
        rows.append([
          name, "\(threads)", short(rates[0], digits: 3), short(rates[index], digits: 3),
          short(rates[index] / rates[0], digits: 3), short(gradients * rates[index] / rates[0], digits: 3),
        ])
      }
    }
    return Table(["gradient", "threads", "read_gb_per_s", "pass_gb_per_s", "share", "share_a_gradient"], rows)
  }

  /// Reads X once: a sum in four vectors, each thread its rows.
  private static func read(_ design: DesignMatrix, threads: Int) {
    DispatchQueue.concurrentPerform(iterations: threads) { index in
      var (a, b, c, e) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
      for i in index * n / threads..<(index + 1) * n / threads {
        let row = UnsafeRawPointer(design[row: i].baseAddress)
        for j in stride(from: 0, to: 8 * (d - 31), by: 256) {
          guard let row else { return }
          a += (row + j).loadUnaligned(as: SIMD8<Double>.self)
          b += (row + j + 64).loadUnaligned(as: SIMD8<Double>.self)
          c += (row + j + 128).loadUnaligned(as: SIMD8<Double>.self)
          e += (row + j + 192).loadUnaligned(as: SIMD8<Double>.self)
        }
      }
      if (a + b + (c + e)).sum() == 0 { print("X is zero") }
    }
  }

  // MARK: Whole runs

  private static func runs(_ x: String, _ y: String) throws -> Table {
    let data = "--design \(x) --response \(y) --quiet"
    let lines = [
      "solve \(data) --flow gf --until 0.005", "solve \(data) --lambda 1 --until 0.1",
      "solve \(data) --lambda 1 --until 0.1 --stepper rk8pd --rtol 1e-6",
      "descend \(data) --gamma 0.001 --beta 0.9 --iterations 5",
    ]
    var rows: [[String]] = []
    for line in lines {
      let (code, seconds, peak) = measure(line.split(separator: " ").map(String.init))
      let command = line.replacing(" \(data)", with: "")
      rows.append([
        command, "\(code)", short(seconds, digits: 3), short(peak / 1e9, digits: 4), short(peak / bytes, digits: 4),
      ])
    }
    return Table(["run", "exit", "seconds", "peak_gb", "peak_over_x"], rows)
  }

  /// Exit code, seconds and peak memory in bytes of the `mgf` beside this program.
  private static func measure(_ arguments: [String]) -> (code: Int, seconds: Double, peak: Double) {
    let own = CommandLine.arguments.first ?? ""
    let program = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/mgf"
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var (process, status, usage) = (pid_t(), CInt(0), rusage())
    let time = seconds {
      guard posix_spawn(&process, program, &actions, nil, &words, nil) == 0 else { return }
      wait4(process, &status, 0, &usage)
    }
    return ((Int(status) >> 8) & 255, time, 1024 * Double(usage.ru_maxrss))
  }
}
