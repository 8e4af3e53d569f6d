import Foundation
import TestSupport
import Testing

/// Deep networks and losses of classification as a user runs them.
@Suite struct NetworkCommandTests {
  private static let g = "--gaussian 6,10,2"

  @Test(arguments: [
    ("solve \(g) --network ring --flow gf --until 1", "choose one of diagonal, power, layers"),
    ("solve \(g) --network power --flow gf --until 1", "give --depth L"),
    ("solve \(g) --network power --depth 0 --flow gf --until 1", "between 1 and 16"),
    ("solve \(g) --network layers --depth 17 --flow gf --until 1", "between 1 and 16"),
    ("solve \(g) --depth 3 --flow gf --until 1", "choose --network power or --network layers"),
    ("solve \(g) --loss hinge --flow gf --until 1", "choose square, logistic or exponential"),
    ("solve \(g) --network layers --depth 1 --alpha 1 --flow gf --until 1", "starts at zero"),
    ("solve \(g) --network power --depth 3 --alpha 1e-120 --flow gf --until 1", "vanishes"),
    ("solve \(g) --network power --depth 3 --alpha 0 --flow gf --until 1", "--alpha 0"),
    (
      "solve \(g) --network layers --depth 3 --flow corrected2 --lambda 1 --step 0.1 --until 1",
      "choose --flow gf or mgf"
    ),
    ("solve \(g) --loss logistic --flow gf --until-residual 1e-3", "has no residual"),
    ("solve \(g) --network power --depth 3 --u0 a --v0 b --flow gf --until 1", "--w0"),
    ("solve \(g) --network power --depth 3 --w0 missing.csv --flow gf --until 1", "no such file"),
    ("solve \(g) --w0 missing.csv --flow gf --until 1", "--u0 and --v0"),
    ("solve \(g) --network power --depth 3 --w0-rate a --flow gf --until 1", "--w0-rate goes with --w0"),
    ("solve \(g) --network power --depth 3 --w0 a --alpha 1 --flow gf --until 1", "Give one start"),
    ("solve --gaussian 100,501,2 --network power --depth 3 --stepper radau --flow gf --until 1", "choose taylor"),
    ("solve --data data/gasoline.csv --target octane --loss logistic --flow gf --until 1", "exactly two values"),
    ("solve \(g) --flow gf --until 10 --log-samples 1", "at least 2"),
    ("solve \(g) --flow gf --until 0.5 --log-samples 5", "--log-from"),
    ("solve \(g) --flow gf --until 10 --log-samples 5 --samples 5", "not several"),
    ("solve \(g) --flow gf --until 10 --log-from 5", "goes with --log-samples"),
    ("solve \(g) --flow gf --until 10 --log-from -1 --log-samples 5", "must be positive"),
    ("solve \(g) --flow gf --until-residual 1 --log-samples 5", "goes with --until"),
    ("descend \(g) --network power --depth 3 --gamma 0.1 --beta 0.5 --iterations 5 --batch 7", "--batch"),
    ("descend \(g) --loss logistic --gamma 0.1 --beta 0.5 --iterations 5 --identity", "--identity"),
    ("descend \(g) --loss logistic --gamma 0.1 --beta 0.5 --until-residual 1e-3", "has no residual"),
    ("descend \(g) --gamma 0.1 --beta 0.5 --until-residual 1e-3 --log-samples 5", "goes with --iterations"),
    ("compare \(g) --network layers --depth 3 --lambda 1 --steps 0.1 --until 1 --order 2", "choose --order 1"),
    ("limit \(g) --network layers --depth 3 --lambda 1", "mgf solve, descend and compare"),
    ("limit \(g) --loss logistic --lambda 1", "mgf solve, descend and compare"),
    ("certify \(g) --network power --depth 3 --lambda 1", "mgf solve, descend and compare"),
    ("demo \(g) --loss logistic", "mgf solve, descend and compare"),
  ])
  func unusable(_ line: String, _ message: String) throws {
    let result = try Tool.run(line.words)
    #expect(result.code == 64 && result.out.isEmpty, "\(result.code) \(result.err)")
    #expect(result.err.contains(message), "\(result.err)")
  }

  @Test(arguments: [
    ("1,2\n", "2 × 2 are needed"), ("1,2,3\n1,2,3\n", "3 columns"), ("0,0\n0,0\n", "nothing would ever move"),
  ])
  func unusableStarts(_ text: String, _ message: String) throws {
    let place = try Tool.folder()
    try Tool.write(text, place + "/w.csv")
    let result = try Tool.run(
      "solve --gaussian 3,2,1 --network power --depth 3 --w0 w.csv --flow gf --until 1".words, in: place)
    #expect(result.code == 64 && result.err.contains(message), "\(result.err)")
  }

  /// Starts and speeds from files, log-spaced times, labels from a column, held-out rows; xarray reads every file.
  @Test(.enabled(if: FileTests.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func filesOfEveryModel() throws {
    let place = try Tool.folder()
    try Tool.write("0.5,0.4\n0.3,0.2\n0.1,0\n", place + "/w.csv")
    try Tool.write("0,0.1\n0,0\n0.2,0\n", place + "/v.csv")
    for (name, line) in [
      (
        "layers",
        "solve --gaussian 3,2,1 --network layers --depth 3 --w0 w.csv --w0-rate v.csv --lambda 1 --until 9 --samples 5"
      ),
      ("power", "solve --gaussian 3,2,1 --network power --depth 3 --flow gf --until 100 --log-samples 5"),
      ("margin", "solve --gaussian 8,12,3 --loss logistic --lambda 1 --until 1e4 --log-samples 9 --log-from 1e-4"),
      (
        "iterates",
        "descend --gaussian 8,12,3 --network layers --depth 1 --loss exponential --gamma 0.1 --beta 0.5 --iterations 1000 --log-samples 7"
      ),
      (
        "leukemia",
        "solve --data \(checkout)data/leukemia.csv --target lineage --standardize --holdout 0.2 --loss logistic --flow gf --until 1e3 --log-samples 4"
      ),
    ] {
      for ending in ["nc", "csv"] {
        let result = try Tool.run((line + " --quiet --json --output \(name).\(ending)").words, in: place)
        #expect(result.code == 0, "\(result.err)")
        if name == "leukemia" {
          #expect(result.json["separated"] as? Bool == true)
          #expect((result.json["test_error"] as? Double ?? 1) < 0.1)
        }
      }
    }
    let script = """
      import csv, sys
      import numpy as np
      import xarray as xr
      for name in sys.argv[1:]:
          ds = xr.open_dataset(name + ".nc")
          rows = list(csv.reader(open(name + ".csv")))
          table = {h: np.array([float(r[i]) for r in rows[1:]]) for i, h in enumerate(rows[0])}
          blocks = [v for v in ds.data_vars if v.startswith("w_") and not v.endswith("_rate")]
          for b in blocks:
              for s in ("", "_rate"):
                  both = np.stack([table[f"{b}{s}_{i}"] for i in range(ds.sizes["feature"])], axis=1)
                  assert (both == ds[b + s].values).all()
          for v in ("time", "loss", "energy"):
              assert (table[v] == ds[v].values).all()
          w = [ds[b].values for b in blocks]
          if "w_plus" in blocks:
              p, a, b = ds.attrs["depth"], ds.w_plus.values, ds.w_minus.values
              theta = a**p - b**p if ds.attrs["network"] == "power" else (a**2 - b**2) / 4
          else:
              theta = np.prod(w, axis=0)
          assert np.allclose(theta, ds.theta.values, rtol=1e-13, atol=1e-14)
          if ds.attrs["loss_function"] != "square":
              assert np.allclose(ds.margin_l1, ds.margin / abs(ds.theta).sum("feature"), equal_nan=True)
          print(name, list(ds.time.values))
      """
    try Tool.write(script, place + "/check.py")
    let result = try Tool.shell(
      "\(FileTests.python ?? "python3") check.py layers power margin iterates leukemia", in: place)
    #expect(result.code == 0, "\(result.err)")
    #expect(result.out.contains("iterates") && result.out.contains("leukemia"))
  }

  /// Log-spaced times of the diagonal network too, and a comparison by the command line.
  @Test func logTimesAndComparison() throws {
    let place = try Tool.folder()
    let result = try Tool.run(
      "solve --gaussian 6,10,2 --flow gf --until 100 --log-samples 3 --log-from 0.01 --output a.csv --quiet --json"
        .words,
      in: place)
    #expect(result.code == 0, "\(result.err)")
    let rows = try String(contentsOfFile: place + "/a.csv", encoding: .utf8).split(separator: "\n").dropFirst()
    let times = rows.compactMap { $0.split(separator: ",").first.flatMap { Double($0) } }
    #expect(times.count == 3 && times[0] == 0.01 && abs(times[1] - 1) < 1e-14 && times[2] == 100)
    let comparison = try Tool.run(
      "compare --gaussian 6,10,2 --network power --depth 3 --alpha 0.5 --lambda 0.5 --steps 0.02,0.01,0.005 --until 5 --json"
        .words)
    #expect(comparison.code == 0, "\(comparison.err)")
    #expect(abs((comparison.json["slope"] as? Double ?? 0) - 1) < 0.1)
    #expect(comparison.json["limit_gap"] is NSNull)
  }
}
