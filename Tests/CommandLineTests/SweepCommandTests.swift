import Foundation
import TestSupport
import Testing

/// `mgf sweep` as a user runs it, stopped in every way there is.
@Suite struct SweepCommandTests {
  private static let study = """
    name: faults
    problem: {gaussian: {samples: 8, features: 12, nonzeros: 2}}
    method: heavy-ball
    axes:
      seed: {linear: [1, 30, 30]}
      gamma: {log: [1e-3, 1e-2, 6]}
      beta: {linear: [0, 0.95, 8]}
    stop: {delta_tolerance: 1e-9, max_iterations: 1000000}
    """
  private static let small = study.replacing("[1, 30, 30]", with: "[1, 2, 2]").replacing("1e-9", with: "1e-5")

  private func place(_ study: String) throws -> String {
    let place = try Tool.folder()
    try Tool.write(study, place + "/s.yaml")
    return place
  }

  /// Killed outright 50 times at random moments, then left to finish: every column but timings, dates and host is that of
  /// an uninterrupted run.
  @Test func fiftyKills() throws {
    let place = try place(Self.study)
    let script = """
      for i in $(seq 50); do
        timeout -s KILL 0.$(printf '%03d' $((20 + RANDOM % 150))) \
          mgf sweep s.yaml --output k.sqlite --quiet >/dev/null 2>>kills.txt
        echo $? >> codes.txt
      done
      """
    _ = try Tool.shell(script, in: place)
    let codes = try String(contentsOfFile: place + "/codes.txt", encoding: .utf8).split(separator: "\n")
    #expect(codes.count == 50)
    #expect(
      codes.allSatisfy { $0 == "137" },
      "\(codes) \((try? String(contentsOfFile: place + "/kills.txt", encoding: .utf8)) ?? "")")
    let after = try Tool.run("sweep status k.sqlite --json".words, in: place).json
    let done = try #require(after["completed"] as? Int)
    #expect(done > 0 && done < 1440 && after["running"] as? Bool == false)
    let last = try Tool.run("sweep s.yaml --output k.sqlite --quiet --json".words, in: place)
    #expect(last.code == 0 && last.json["completed"] as? Int == 1440 && last.json["done_now"] as? Int == 1440 - done)
    #expect(try Tool.run("sweep s.yaml --output r.sqlite --quiet --workers 1".words, in: place).code == 0)
    let (killed, reference) = (try Tool.results(place, "k.sqlite"), try Tool.results(place, "r.sqlite"))
    #expect(killed.count == 1441 && killed == reference)
  }

  @Test func interruptAndTimeLimit() throws {
    let place = try place(Self.study)
    let stopped = try Tool.shell(
      "env --default-signal=INT mgf sweep s.yaml --output s.sqlite --json & sleep 0.5; kill -INT $!; wait $!; echo \" $?\"",
      in: place)
    #expect(stopped.out.hasSuffix(" 130\n"), "\(stopped.out)")
    #expect(stopped.out.contains("\"completed\":") && stopped.err.contains("goes on with what is missing"))
    let timed = try Tool.run("sweep s.yaml --output s.sqlite --json --max-seconds 0.3".words, in: place)
    #expect(timed.code == 1 && timed.err.contains("--max-seconds") && (timed.json["done_now"] as? Int ?? 0) > 0)
    let whole = try Tool.run("sweep s.yaml --output s.sqlite --json --quiet".words, in: place)
    #expect(whole.code == 0 && whole.json["completed"] as? Int == 1440 && whole.err.isEmpty)
    // There is nothing left to do.
    let again = try Tool.run("sweep s.yaml --output s.sqlite --json --quiet".words, in: place)
    #expect(again.code == 0 && again.json["done_now"] as? Int == 0)
  }

  /// A file-size limit stands for a full disk.
  @Test func fullDisk() throws {
    let place = try place(Self.study)
    let full = try Tool.shell("ulimit -f 300; mgf sweep s.yaml --output f.sqlite --json --quiet", in: place)
    #expect(full.code == 1 && full.err.contains("the store cannot be written"), "\(full.code) \(full.err)")
    let rest = try Tool.run("sweep s.yaml --output f.sqlite --json --quiet".words, in: place)
    let done = try #require(rest.json["done_now"] as? Int)
    #expect(rest.code == 0 && done < 1440 && rest.json["completed"] as? Int == 1440, "\(done)")
    #expect(try Tool.run("sweep s.yaml --output r.sqlite --quiet".words, in: place).code == 0)
    #expect(try Tool.results(place, "f.sqlite") == Tool.results(place, "r.sqlite"))
  }

  @Test func secondProcessIsRefused() throws {
    let place = try place(Self.study)
    let both = try Tool.shell(
      "env --default-signal=INT mgf sweep s.yaml --output s.sqlite --quiet >/dev/null & sleep 0.3; mgf sweep s.yaml --output s.sqlite; echo \"$?\"; "
        + "mgf sweep status s.sqlite --json; kill -INT $!; wait $!", in: place)
    #expect(both.out.hasPrefix("64\n") && both.err.contains("another process is writing to this store"), "\(both)")
    #expect(both.out.contains("\"running\":true"))
  }

  @Test func unusableRequests() throws {
    let place = try place(Self.small)
    try Tool.write("name: x\n", place + "/bad.yaml")
    try Tool.write(
      Self.small.replacing("gaussian: {samples: 8, features: 12, nonzeros: 2}", with: "data: no.csv, target: y")
        .replacing("  seed: {linear: [1, 2, 2]}\n", with: ""), place + "/none.yaml")
    try Tool.write(
      "problem: {preset: even-2023-centred}\nmethod: mgf\nstepper: foo\naxes: {lambda: [1]}\nstop: {until: 1}\n",
      place + "/stepper.yaml")
    for (line, message) in [
      ("sweep none.yaml --output n.sqlite", "none.yaml:2:17: problem.data: no.csv: there is no such file"),
      ("sweep stepper.yaml --output t.sqlite", "stepper.yaml:3:10: stepper: foo: there is no stepper of that name"),
      ("sweep s.yaml", "--output STORE.sqlite is missing"), ("sweep nowhere.yaml --output s.sqlite", "cannot be read"),
      ("sweep bad.yaml --output s.sqlite", "bad.yaml:1:1: the study: the key problem is missing"),
      ("sweep s.yaml --output no/where.sqlite", "its lock file"),
      ("sweep s.yaml --output s.sqlite --workers 0", "--workers 0"),
      ("sweep s.yaml --output s.sqlite --set lambda", "SETTING=VALUE"),
      ("sweep s.yaml --output s.sqlite --set lambda=1", "lambda"),
      ("sweep s.yaml --output s.sqlite --filter alpha=1", "alpha is no setting of the study"),
      ("sweep s.yaml --output s.sqlite --filter beta", "it compares nothing"),
      ("sweep s.yaml --output s.sqlite --max-seconds -1", "--max-seconds"),
      ("sweep status no.sqlite", "there is no such store"),
      ("sweep status s.yaml", "cannot be used as a store"), ("sweep export no.sqlite a.csv", "there is no such store"),
      ("sweep export s.yaml a.txt", ".csv"),
    ] {
      let result = try Tool.run(line.words, in: place)
      #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(line): \(result)")
    }
  }

  @Test func dryRunFilterAndOverrides() throws {
    let place = try place(Self.small)
    let dry = try Tool.run("sweep s.yaml --dry-run --json --set gamma=1e-3,1e-2".words, in: place)
    #expect(dry.code == 0 && dry.json["runs"] as? Int == 32 && dry.json["estimated_seconds"] as? Double ?? 0 > 0)
    #expect(!FileManager.default.fileExists(atPath: place + "/s.sqlite"))
    let part = try Tool.run(
      "sweep s.yaml --output s.sqlite --json --quiet --filter beta<0.5 --filter seed=2".words, in: place)
    #expect(part.code == 0 && part.json["completed"] as? Int == 24 && part.json["runs"] as? Int == 96)
    let whole = try Tool.run("sweep s.yaml --output s.sqlite --quiet".words, in: place)
    #expect(whole.code == 0 && whole.out.contains("completed"))
  }

  /// pandas, sqlite3 and xarray read what was stored and exported; trajectories lie beside.
  @Test(.enabled(if: FileTests.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func pythonReadsStoreAndExports() throws {
    let place = try place(
      Self.small.replacing("[0, 0.95, 8]}", with: "[0, 0.95, 8]}\nrecord: {samples: 20}").replacing(
        "1e-2, 6", with: "1e-2, 2"))
    for line in ["sweep s.yaml --output s.sqlite --quiet", "sweep export s.sqlite s.nc", "sweep export s.sqlite s.csv"]
    {
      let result = try Tool.run(line.words, in: place)
      #expect(result.code == 0, "\(result.err)")
    }
    try Tool.write(Self.script, place + "/check.py")
    let result = try Tool.shell("\(FileTests.python ?? "python3") check.py", in: place)
    #expect(result.code == 0 && result.out.contains("all equal"), "\(result.err)")
  }

  private static let script = """
    import csv, sqlite3
    import numpy as np
    import xarray as xr

    rows = sqlite3.connect("s.sqlite").execute("SELECT * FROM runs ORDER BY id")
    names = [c[0] for c in rows.description]
    rows = [dict(zip(names, r)) for r in rows]
    table = list(csv.DictReader(open("s.csv")))
    ds = xr.open_dataset("s.nc")
    assert dict(ds.sizes) == {"seed": 2, "gamma": 2, "beta": 8}, ds.sizes
    assert len(rows) == len(table) == 32
    for row, line in zip(rows, table):
        cell = ds.sel(seed=row["seed"], gamma=row["gamma"], beta=row["beta"])
        for name, value in row.items():
            if isinstance(value, float):
                assert float(line[name]) == value, name
                if name not in ds.coords:
                    assert float(cell[name]) == value, name
            elif value is not None and name != "id" and name not in ds.coords:
                assert line[name] == str(value), name
                assert name not in ds or str(cell[name].values) in (str(value), str(float(value)) if isinstance(value, int) else ""), name
        assert row["outcome"] == "reached" and 0 < row["delta_ratio_min"] <= row["delta_ratio_max"]
        run = xr.open_dataset("s-trajectories/" + row["trajectory"])
        assert run.sizes["time"] <= 20 and abs(run.time[-1] / row["time"] - 1) < 1e-12
        assert abs(float(run.loss[-1]) / row["loss"] - 1) < 1e-9
    assert ds.attrs["command_line"] and ds.delta_error.attrs["long_name"]
    print("all equal")
    """
}
