import Foundation
import TestSupport
import Testing

@Suite struct FileTests {
  /// The same run as NetCDF and CSV, read by xarray and by Python's csv: equal bit for bit, attributes in place.
  @Test(.enabled(if: FileTests.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func xarrayReadsWhatWasWritten() throws {
    let place = try Tool.folder()
    for (name, line) in [
      ("flow", "solve --gaussian 6,10,2 --lambda 2 --until 10 --samples 23"),
      ("gf", "solve --data \(checkout)data/gasoline.csv --target octane --standardize --flow gf --until 1 --samples 5"),
      ("descent", "descend --gaussian 6,10,2 --gamma 0.01 --beta 0.9 --iterations 40"),
    ] {
      for ending in ["nc", "csv"] {
        let result = try Tool.run((line + " --quiet --output \(name).\(ending)").words, in: place)
        #expect(result.code == 0, "\(result.err)")
      }
    }
    try Tool.write(Self.script, place + "/check.py")
    let result = try Tool.shell("\(Self.python ?? "python3") check.py flow gf descent", in: place)
    #expect(result.code == 0, "\(result.err)")
    #expect(result.out.contains("flow: 23 times"))
  }

  static let python = ProcessInfo.processInfo.environment["MGF_PYTHON"]

  private static let script = """
    import csv, sys
    import numpy as np
    import xarray as xr

    for name in sys.argv[1:]:
        ds = xr.open_dataset(name + ".nc")
        rows = list(csv.reader(open(name + ".csv")))
        header, table = rows[0], np.array([[float(c) for c in r] for r in rows[1:]])
        d = ds.sizes["feature"]
        column = {h: table[:, i] for i, h in enumerate(header)}
        assert header == (["time", "loss", "residual_max", "energy"]
                          + [f"{v}_{i}" for v in ("w_plus", "w_minus", "w_plus_rate", "w_minus_rate")
                             for i in range(d)]), header[:6]
        def same(a, b):
            assert a.dtype == np.float64 and (a.view(np.int64) == b.view(np.int64)).all()
        for v in ("time", "loss", "residual_max", "energy"):
            same(ds[v].values, np.ascontiguousarray(column[v]))
        for v in ("w_plus", "w_minus", "w_plus_rate", "w_minus_rate"):
            same(ds[v].values, np.stack([column[f"{v}_{i}"] for i in range(d)], axis=1).copy())
        wp, wm = ds.w_plus.values, ds.w_minus.values
        assert np.allclose(ds.theta.values, (wp**2 - wm**2) / 4, rtol=1e-14, atol=1e-17)
        assert np.allclose(ds.balancedness.values, abs(wp * wm), rtol=1e-14, atol=0)
        for v in list(ds.data_vars) + ["time"]:
            assert ds[v].attrs["long_name"] and ds[v].attrs["units"] == "1", v
        for a in ("version", "commit", "command_line", "seed", "library_gsl", "library_netcdf", "library_openblas",
                  "host", "date", "Conventions"):
            assert isinstance(ds.attrs[a], str) and ds.attrs[a], a
        assert ds.w_plus.encoding["zlib"]
        print(f"{name}: {ds.sizes['time']} times, features {ds.feature.values[0]} ...")
    """

  /// The same problem from CSV, .npy and .nc, as numpy and xarray write it: the same bits come out.
  @Test(.enabled(if: FileTests.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func designsOfAllFormats() throws {
    let place = try Tool.folder()
    try Tool.write(Self.writer, place + "/write.py")
    let written = try Tool.shell("\(Self.python ?? "python3") write.py", in: place)
    #expect(written.code == 0, "\(written.err)")
    func solve(_ x: String, _ y: String = "y.npy") throws -> Tool.Result {
      try Tool.run("solve --design \(x) --response \(y) --lambda 1 --until 3 --json --quiet".words, in: place)
    }
    let csv = try solve("X.csv", "y.csv")
    #expect(csv.code == 0 && csv.json["loss"] is Double, "\(csv.err)")
    func loss(_ result: Tool.Result) -> Substring? {
      result.out.split(separator: "\"loss\":").last?.prefix { $0 != "," }
    }
    for x in [
      "X.npy", "fortran.npy", "big.npy", "float.npy", "X.nc", "packed.nc:a", "classic.nc", "chunks.nc", "cdf5.nc",
      "scaled.nc",
    ] {
      let result = try solve(x)
      #expect(result.code == 0 && loss(result) == loss(csv), "\(x): \(result.err)")
    }
    for (x, message) in [
      ("two.nc", "several variables of two dimensions: a, b"), ("two.nc:c", "it has a, b"),
      ("none.nc", "no numeric variable of two dimensions"),
      ("missing.nc", "X, entry [1, 2] (counted from 0): it is missing"),
      ("nan.nc", "entry [2, 0] (counted from 0): nan"),
      ("empty.nc", "it is empty (0 × 4)"), ("cut.nc", "cut.nc"),
    ] {
      let result = try solve(x)
      #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(x): \(result.err)")
    }
  }

  private static let writer = """
    import numpy as np
    import xarray as xr
    import netCDF4

    rng = np.random.default_rng(3)
    x = np.round(rng.standard_normal((7, 11)) * 64) / 64  # exact in float32
    y = x @ np.round(rng.standard_normal(11))
    np.savetxt("X.csv", x, delimiter=",", fmt="%.17g")
    np.savetxt("y.csv", y, fmt="%.17g")
    np.save("X.npy", x)
    np.save("y.npy", y)
    np.save("fortran.npy", np.asfortranarray(x))
    np.save("big.npy", x.astype(">f8"))
    np.save("float.npy", x.astype("f4"))
    a = xr.DataArray(x, dims=("sample", "feature"))
    b = xr.DataArray(y, dims="sample")
    xr.Dataset({"X": a, "y": b}).to_netcdf("X.nc")
    xr.Dataset({"a": a, "b": a}).to_netcdf("two.nc")
    xr.Dataset({"a": a, "b": a}).to_netcdf("packed.nc", encoding={"a": {"zlib": True, "chunksizes": (3, 4)}})
    xr.Dataset({"X": a}).to_netcdf("chunks.nc", encoding={"X": {"zlib": True, "chunksizes": (7, 2)}})
    xr.Dataset({"X": a}).to_netcdf("scaled.nc", encoding={"X": {"dtype": "i4", "scale_factor": 0.015625}})
    xr.Dataset({"y": b}).to_netcdf("none.nc")
    for name, kind in ("classic", "NETCDF3_CLASSIC"), ("cdf5", "NETCDF3_64BIT_DATA"):
        with netCDF4.Dataset(name + ".nc", "w", format=kind) as file:
            file.createDimension("sample", 7)
            file.createDimension("feature", 11)
            file.createVariable("X", "f8", ("sample", "feature"))[:] = x
    with netCDF4.Dataset("empty.nc", "w") as file:
        file.createDimension("sample", None)
        file.createDimension("feature", 4)
        file.createVariable("X", "f8", ("sample", "feature"))
    for name, value, place in ("missing", np.ma.masked, (1, 2)), ("nan", np.nan, (2, 0)):
        with netCDF4.Dataset(name + ".nc", "w") as file:
            file.createDimension("sample", 7)
            file.createDimension("feature", 11)
            masked = np.ma.array(x.copy())
            masked[place] = value
            file.createVariable("X", "f8", ("sample", "feature"))[:] = masked
    with open("classic.nc", "rb") as whole, open("cut.nc", "wb") as cut:
        cut.write(whole.read()[:40])
    """

  /// Files as people have them (data/inputs), whatever their names: the numbers of X.csv and y.csv, or refused.
  @Test func filesAsMet() throws {
    let place = "\(checkout)data/inputs"
    func solve(_ x: String, _ y: String) throws -> Tool.Result {
      try Tool.run("solve --design \(x) --response \(y) --lambda 1 --until 3 --json --quiet".words, in: place)
    }
    func loss(_ result: Tool.Result) -> Substring? {
      result.out.split(separator: "\"loss\":").last?.prefix { $0 != "," }
    }
    let csv = try solve("X.csv", "y.csv")
    #expect(csv.code == 0 && csv.json["loss"] is Double, "\(csv.err)")
    for (x, y) in [
      ("X.csv.gz", "y.csv"), ("X.h5", "X.h5"), ("X.h5:X", "X.h5:y"), ("both.npz", "both.npz"),
      ("both.npz:X", "both.npz:y"), ("upper.NPY", "unlim.nc"), ("xrpack.nc", "xrpack.nc:y"),
    ] {
      let result = try solve(x, y)
      #expect(result.code == 0 && loss(result) == loss(csv), "\(x), \(y): \(result.err)")
    }
    for (x, message) in [
      ("missing.nc", "missing.nc:X, entry [2, 4] (counted from 0): it is missing (it equals missing_value, -9999)"),
      ("unlim.nc", "unlim.nc:counts, entry [5, 0] (counted from 0): it is missing (never written"),
      ("xrpack.nc:y", "its shape is (6,)"), ("both.npz:y", "its shape is (6,)"),
    ] {
      let result = try solve(x, "y.csv")
      #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(x): \(result.err)")
    }
    // Bytes above 127, the same as text.
    let folder = try Tool.folder()
    let dump = try Tool.shell("ncdump -v X ubyte.nc", in: place)
    let stored = dump.out.components(separatedBy: "X =").last?.split(separator: ";").first ?? ""
    let rows = stored.split(separator: "\n").map { line in
      line.split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }.map { "\($0 < 0 ? $0 + 256 : $0)" }
        .joined(separator: ",")
    }
    try Tool.write(rows.filter { !$0.isEmpty }.joined(separator: "\n"), folder + "/bytes.csv")
    let (bytes, text) = (try solve("ubyte.nc", "y.csv"), try solve(folder + "/bytes.csv", "y.csv"))
    #expect(bytes.code == 0 && loss(bytes) == loss(text), "\(bytes.err) \(text.err)")
    #expect(rows.joined().contains("252"))
  }

  /// Starts, truths and blocks of weights from arrays of every kind; packed files and pipes.
  @Test func vectorsAsMet() throws {
    let place = try Tool.folder()
    func write(_ name: String, _ shape: String, _ values: [Double]) throws {
      try Data(NumPyFile.bytes(shape: shape, entries: NumPyFile.doubles(values))).write(
        to: URL(filePath: "\(place)/\(name)"))
    }
    try write("u", "(10,)", (0..<10).map { 0.1 + Double($0) / 8 })
    try write("w", "(2, 10)", (0..<20).map { 0.1 + Double($0) / 8 })
    try Tool.write((0..<10).map { "\(0.1 + Double($0) / 8)" }.joined(separator: "\n"), place + "/u.csv")
    try Tool.write(
      (0..<2).map { i in (0..<10).map { "\(0.1 + Double(10 * i + $0) / 8)" }.joined(separator: ",") }
        .joined(separator: "\n"), place + "/w.csv")
    let files = "\(checkout)data/inputs"
    func loss(_ more: String) throws -> Substring? {
      let line =
        "mgf solve --design \(files)/X.csv --response \(files)/y.csv --lambda 1 --until 1 --json --quiet \(more)"
      let result = try Tool.shell("gzip -k -f u w; \(line)", in: place)
      #expect(result.code == 0, "\(more): \(result.err)")
      return result.out.split(separator: "\"loss\":").last?.prefix { $0 != "," }
    }
    let csv = try loss("--u0 u.csv --v0 u.csv --truth u.csv")
    #expect(try loss("--u0 u --v0 u.gz --truth u") == csv && csv != nil)
    #expect(try loss("--u0 <(cat u) --v0 <(gzip -c u.csv)") == csv)
    let blocks = try loss("--network layers --depth 2 --w0 w.csv")
    #expect(try loss("--network layers --depth 2 --w0 w.gz") == blocks && blocks != nil)
  }

  /// Without Python: the header and one variable through ncdump.
  @Test func ncdumpReadsTheFile() throws {
    let place = try Tool.folder()
    let result = try Tool.run(
      "solve --gaussian 3,4,1 --lambda 1 --until 1 --at 0,0.5,1 --quiet --json --output a.nc".words, in: place)
    #expect(result.code == 0)
    let dump = try Tool.shell("ncdump -p 9,17 -v time,loss a.nc", in: place)
    #expect(dump.code == 0)
    #expect(dump.out.contains("time = 3 ;") && dump.out.contains("feature = 4 ;"))
    #expect(dump.out.contains("time = 0, 0.5, 1 ;"))
    let printed = dump.out.components(separatedBy: "loss = ").last?.split(separator: ";").first ?? ""
    let last = printed.split(separator: ",").last.map { $0.filter { !$0.isWhitespace } } ?? ""
    // As text: JSONSerialization itself reads numbers no closer than some units in the last place.
    let loss = result.out.components(separatedBy: "\"loss\":").last?.prefix { $0 != "," } ?? ""
    #expect(Double(last) != nil && Double(last) == Double(loss), "\(printed)")
  }

  /// A file-size limit stands in for a full disk: exit 1, the result is still printed, no half file is left.
  @Test(arguments: ["nc", "csv"])
  func fullDisk(_ ending: String) throws {
    let place = try Tool.folder()
    let result = try Tool.shell(
      "ulimit -f 8; mgf solve --gaussian 20,300,3 --lambda 1 --until 5 --samples 200 --output a.\(ending) --json",
      in: place)
    #expect(result.code == 1, "\(result.code) \(result.err)")
    #expect(result.json["outcome"] as? String == "reached")
    #expect(result.json["output"] is NSNull && result.json["output_reason"] is String)
    #expect(result.err.contains("a.\(ending)"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place).isEmpty)
  }

  /// Ctrl-C in the middle: the part computed is written, the result printed, exit 130.
  @Test(arguments: [
    "solve --gaussian 20,30,3 --lambda 1e-4 --until 1e5 --samples 100001 --stepper taylor",
    "descend --gaussian 20,30,3 --lambda 1 --step 1e-6 --iterations 2000000000 --samples 2000001",
  ])
  func interruption(_ line: String) throws {
    let place = try Tool.folder()
    // A shell without job control starts background jobs with SIGINT ignored: env restores it.
    let result = try Tool.shell(
      "env --default-signal=INT mgf \(line) --output a.csv --json & pid=$!; sleep 1.5; kill -INT $pid; wait $pid",
      in: place)
    #expect(result.code == 130, "\(result.code) \(result.err)")
    #expect(result.json["outcome"] as? String == "interrupted")
    #expect(result.err.contains("interrupted"))
    let lines = try String(contentsOfFile: place + "/a.csv", encoding: .utf8).split(separator: "\n")
    #expect(lines.count > 1)
  }

  /// A wrapper that sends the signal twice at once must not cost the partial result.
  @Test func doubleSignal() throws {
    let result = try Tool.shell(
      "env --default-signal=INT mgf limit --gaussian 20,30,3 --lambda 1e-4 --delta-tolerance 1e-12 --stepper taylor --json & "
        + "pid=$!; sleep 1; kill -INT $pid; kill -INT $pid; wait $pid")
    #expect(result.code == 130, "\(result.code) \(result.err)")
    #expect(result.json["outcome"] as? String == "interrupted")
  }

  /// Ctrl-C during commands without an output file: the partial result, and 130.
  @Test(arguments: [
    "limit --gaussian 20,30,3 --lambda 1e-4 --delta-tolerance 1e-12 --stepper taylor",
    "compare --gaussian 20,30,3 --lambda 1e-4 --steps 1e-5 --until 1e4",
    "limit --gaussian 20,30,3 --gamma 1e-9 --beta 0.5 --tail iterate",
  ])
  func interruptionWithoutFile(_ line: String) throws {
    let result = try Tool.shell(
      "env --default-signal=INT mgf \(line) --json & pid=$!; sleep 1; kill -INT $pid; wait $pid")
    #expect(result.code == 130, "\(result.code) \(result.err)")
    #expect(result.json["outcome"] as? String == "interrupted")
  }

  @Test func unreadableFile() throws {
    let place = try Tool.folder()
    try Tool.write("y,a\n1,2\n", place + "/t.csv")
    // Root may read anything: try as nobody when root.
    let line = "mgf solve --data t.csv --target y --lambda 1 --until 1"
    let command =
      getuid() == 0
      ? "chmod 755 . && chmod 000 t.csv && setpriv --reuid=65534 --clear-groups \(line)"
      : "chmod 000 t.csv && \(line)"
    let result = try Tool.shell(command, in: place)
    #expect(result.code == 64 && result.out.isEmpty, "\(result.err)")
    #expect(result.err.contains("t.csv"))
  }

  @Test func standardOutputThatFails() throws {
    for line in ["mgf presets", "mgf solve --gaussian 3,4,1 --lambda 1 --until 1 --json"] {
      let result = try Tool.shell("\(line) > /dev/full")
      #expect(result.code == 1 && result.err.contains("standard output"), "\(result.code) \(result.err)")
    }
  }

  @Test func pipesAreRead() throws {
    let result = try Tool.shell(
      "mgf solve --design <(printf '1,2\\n') --response <(printf '1\\n') --lambda 1 --until 1 --json --quiet")
    #expect(result.code == 0, "\(result.err)")
  }

  @Test func closedPipe() throws {
    let result = try Tool.shell(
      "set -o pipefail; mgf solve --gaussian 20,30,3 --lambda 5 --until 20 --json | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}"
    )
    #expect(result.out.hasSuffix("0\n") || result.out.hasSuffix("1\n"))
  }

  /// A progress bar on a terminal only, and not with --quiet.
  @Test func progressBar() throws {
    let line = "mgf solve --gaussian 20,30,3 --lambda 1e-3 --until 500 --stepper rk8pd"
    let shown = try Tool.shell("script -qec '\(line)' /dev/null")
    #expect(shown.out.contains("%") && shown.out.contains("█"))
    let quiet = try Tool.shell("script -qec '\(line) --quiet' /dev/null")
    #expect(!quiet.out.contains("█"))
    let piped = try Tool.shell(line)
    #expect(!piped.err.contains("█") && piped.code == 0)
  }
}
