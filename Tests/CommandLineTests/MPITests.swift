import Foundation
import TestSupport
import Testing

/// `mgf` built with the trait MPI, under mpirun. `make test-mpi` builds it and names it in MGF_MPI.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["MGF_MPI"] != nil, "MGF_MPI names no mgf with MPI; make test-mpi does"))
struct MPITests {
  private static let study = """
    name: ranks
    problem: {gaussian: {samples: 8, features: 12, nonzeros: 2}}
    method: heavy-ball
    axes:
      seed: {linear: [1, 12, 12]}
      gamma: {log: [1e-3, 1e-2, 6]}
      beta: {linear: [0, 0.95, 8]}
    stop: {delta_tolerance: 1e-9, max_iterations: 1000000}
    """
  private static let runs = 576

  private func place(_ study: String = study) throws -> String {
    let place = try Tool.folder()
    try Tool.write(study, place + "/s.yaml")
    return place
  }

  private func mpirun(_ ranks: Int, _ line: String, in place: String) throws -> Tool.Result {
    try Tool.shell("mpirun --allow-run-as-root --oversubscribe -n \(ranks) $MGF_MPI \(line)", in: place)
  }

  /// What rank 0 printed: mpirun adds remarks of its own to standard error.
  private func complaints(_ result: Tool.Result) -> Int {
    result.err.components(separatedBy: "rror:").count - 1
  }

  /// Whatever the number of ranks and threads, the rows are those of one process of the build without MPI.
  @Test(arguments: [
    study.replacing("1, 12, 12", with: "1, 4, 4"),
    study.replacing("heavy-ball", with: "nesterov").replacing("1, 12, 12", with: "1, 2, 2"),
    """
    problem: {gaussian: {samples: 6, features: 10, nonzeros: 2}}
    method: mgf
    axes: {seed: [1, 2, 3], lambda: {log: [0.1, 1, 5]}}
    record: {samples: 5}
    stop: {until: 10}
    """,
  ])
  func rowsOfOneProcess(_ study: String) throws {
    let place = try place(study)
    #expect(try Tool.run("sweep s.yaml --output one.sqlite --quiet".words, in: place).code == 0)
    let expected = try Tool.results(place, "one.sqlite")
    for (ranks, options) in [(1, ""), (2, ""), (4, ""), (2, "--workers 2")] {
      let store = "\(ranks)\(options.isEmpty ? "" : "w").sqlite"
      let result = try mpirun(ranks, "sweep s.yaml --output \(store) --quiet --json \(options)", in: place)
      #expect(result.code == 0 && result.err.isEmpty, "\(result.err)")
      #expect(result.json["ranks"] as? Int == (ranks > 1 ? ranks : nil))
      #expect(try Tool.results(place, store) == expected, "\(ranks) ranks \(options)")
    }
    let again = try mpirun(3, "sweep s.yaml --output 4.sqlite --quiet --json", in: place)
    #expect(again.code == 0 && again.json["done_now"] as? Int == 0)
  }

  /// One rank is killed outright while it works: mpirun ends the job, what was stored stays, and a restart does the rest.
  @Test(arguments: [0, 2])
  func killedRank(_ rank: Int) throws {
    let place = try place()
    let killed = try Tool.shell(
      """
      mpirun --allow-run-as-root --oversubscribe -n 4 $MGF_MPI sweep s.yaml --output k.sqlite --quiet >/dev/null 2>&1 &
      job=$!
      until mgf sweep status k.sqlite 2>/dev/null | grep -q 'completed *[1-9]'; do sleep 0.02; done
      for p in $(pgrep -P $job); do
        if tr '\\0' '\\n' < /proc/$p/environ | grep -qx OMPI_COMM_WORLD_RANK=\(rank); then kill -9 $p; echo killed; fi
      done
      wait $job
      echo $?
      """, in: place)
    #expect(killed.out.hasPrefix("killed\n") && !killed.out.hasSuffix("\n0\n"), "\(killed)")
    let status = try Tool.run("sweep status k.sqlite --json".words, in: place).json
    let done = try #require(status["completed"] as? Int)
    #expect(done > 0 && done < Self.runs && status["running"] as? Bool == false)
    let rest = try mpirun(4, "sweep s.yaml --output k.sqlite --quiet --json", in: place)
    #expect(rest.code == 0 && rest.json["done_now"] as? Int == Self.runs - done, "\(rest)")
    #expect(try Tool.run("sweep s.yaml --output one.sqlite --quiet".words, in: place).code == 0)
    #expect(try Tool.results(place, "k.sqlite") == Tool.results(place, "one.sqlite"))
  }

  @Test func interruptAndTimeLimit() throws {
    // Enough to do for some seconds.
    let place = try place(Self.study.replacing("[1, 12, 12]", with: "[1, 120, 120]"))
    let runs = 10 * Self.runs
    let timed = try mpirun(3, "sweep s.yaml --output s.sqlite --json --quiet --max-seconds 0.3", in: place)
    let done = try #require(timed.json["done_now"] as? Int)
    #expect(timed.code == 1 && done > 0 && done < runs && timed.err.contains("--max-seconds"), "\(timed)")
    let stopped = try Tool.shell(
      """
      env --default-signal=INT mpirun --allow-run-as-root --oversubscribe -n 3 $MGF_MPI sweep s.yaml --output s.sqlite \
        --json --quiet & sleep 0.7; kill -INT $!; wait $!; echo " $?"
      """, in: place)
    #expect(stopped.out.contains("\"completed\":") && !stopped.out.hasSuffix(" 0\n"), "\(stopped)")
    #expect(stopped.err.contains("goes on with what is missing") && complaints(stopped) == 1, "\(stopped)")
    let whole = try mpirun(3, "sweep s.yaml --output s.sqlite --json --quiet", in: place)
    #expect(whole.code == 0 && whole.json["completed"] as? Int == runs)
  }

  @Test func sbatchFile() throws {
    let place = try place(Self.study.replacing("1, 12, 12", with: "1, 2, 2"))
    let job = try Tool.shell(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 SLURM_NTASKS=3 "
        + "bash \(checkout)data/slurm/mpi.sbatch s.yaml s.sqlite", in: place)
    #expect(job.code == 0 && job.out.contains("ranks"), "\(job)")
    #expect(try Tool.run("sweep status s.sqlite --json".words, in: place).json["completed"] as? Int == 96)
  }

  // MARK: One run, X by columns

  /// One process and several agree to rounding, in what is printed and in what is written; 31 features in 2 and 3 blocks.
  @Test(arguments: [
    "solve --gaussian 20,31,3 --lambda 1 --until 30 --samples 5 --stepper taylor",
    "solve --gaussian 20,31,3 --flow gf --until 30 --samples 5 --stepper taylor",
    "descend --gaussian 20,31,3 --gamma 0.01 --beta 0.9 --iterations 1000 --samples 5",
  ])
  func distributedRun(_ line: String) throws {
    let place = try Tool.folder()
    let line = line + " --json --quiet --output"
    let one = try Tool.run((line + " one.csv").words, in: place)
    #expect(one.code == 0, "\(one.err)")
    for ranks in [1, 2, 3] {
      let result = try mpirun(ranks, "\(line) \(ranks).csv", in: place)
      #expect(result.code == 0 && result.err.isEmpty, "\(result.err)")
      #expect(result.json["ranks"] as? Int == (ranks > 1 ? ranks : nil))
      for key in ["time", "loss", "residual_max", "theta_l1", "test_error"] {
        let (x, y) = (one.json[key] as? Double ?? .nan, result.json[key] as? Double ?? .nan)
        #expect(abs(x - y) <= 1e-11 * x, "\(key): \(x), with \(ranks) ranks \(y)")
      }
      let events = [one, result].map { $0.json["sign_changes"] as? [[String: Any]] ?? [] }
      #expect(events[0].map { $0["name"] as? String } == events[1].map { $0["name"] as? String })
      let files = try ["one.csv", "\(ranks).csv"].map { name in
        try String(contentsOfFile: "\(place)/\(name)", encoding: .utf8).split(separator: "\n").map {
          $0.split(separator: ",").map(String.init)
        }
      }
      #expect(files[0][0] == files[1][0] && files[0].count == 6 && files[1].count == 6)
      for (a, b) in zip(files[0].dropFirst().joined(), files[1].dropFirst().joined()) {
        #expect(abs((Double(a) ?? .nan) - (Double(b) ?? .nan)) <= 1e-10)
      }
    }
  }

  @Test func distributedRunIsInterrupted() throws {
    let place = try Tool.folder()
    let result = try Tool.shell(
      """
      env --default-signal=INT mpirun --allow-run-as-root --oversubscribe -n 2 $MGF_MPI descend --gaussian 20,400,3 \
        --gamma 1e-5 --beta 0.5 --iterations 100000000 --json --quiet & sleep 1.5; kill -INT $!; wait $!
      """, in: place)
    #expect(result.out.contains("\"outcome\":\"interrupted\"") && complaints(result) == 1, "\(result)")
  }

  /// Said once, by rank 0.
  @Test(arguments: [
    ("sweep nowhere.yaml --output a.sqlite", "cannot be read"), ("sweep s.yaml", "--output STORE.sqlite is missing"),
    ("sweep s.yaml --output no/a.sqlite", "its lock file"),
    ("sweep s.yaml --output a.sqlite --workers 0", "--workers 0"),
    ("sweep s.yaml --output a.sqlite --filter x", "it compares nothing"),
    ("solve --gaussian 6,2,1 --lambda 1 --until 1", "there are 2 features for 3 processes"),
    ("solve --gaussian 6,9,2 --lambda 1 --until 1 --stepper rk8pd", "Taylor series"),
    ("descend --gaussian 6,9,2 --gamma 0.1 --beta 0 --iterations 5 --batch 2", "--batch"),
    ("solve --design nowhere.csv --response y.csv --lambda 1 --until 1", "nowhere.csv"),
  ])
  func unusableRequests(_ line: String, _ message: String) throws {
    let result = try mpirun(3, line, in: place())
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(result)")
    #expect(complaints(result) == 1, "\(result.err)")
  }

  /// The build without MPI does not let four processes work side by side at one store.
  @Test func theOtherBuildRefuses() throws {
    let place = try place()
    let plain = try Tool.shell(
      "mpirun --allow-run-as-root --oversubscribe -n 4 mgf sweep s.yaml --output p.sqlite", in: place)
    #expect(
      plain.code == 64 && plain.err.contains("this build does not know MPI") && complaints(plain) == 1, "\(plain)")
    #expect(!FileManager.default.fileExists(atPath: place + "/p.sqlite"))
    // Shards are each by itself.
    let shards = try Tool.shell(
      """
      mpirun --allow-run-as-root --oversubscribe -n 4 bash -c 'i=$((OMPI_COMM_WORLD_RANK + 1)); \
        mgf sweep s.yaml --output p$i.sqlite --shard $i/4 --workers 1 --quiet' && mgf sweep merge p.sqlite p?.sqlite --json
      """, in: place)
    #expect(shards.code == 0 && shards.out.contains("\"missing\":0"), "\(shards)")
  }
}
