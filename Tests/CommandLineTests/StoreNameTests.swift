import Foundation
import TestSupport
import Testing

/// The name of a store or an export means that very file, whatever SQLite and NetCDF take such names for, or is refused.
@Suite struct StoreNameTests {
  private static let study = """
    problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}
    method: gf
    axes: {seed: [1, 2]}
    stop: {until: 1}
    """

  private func place() throws -> String {
    let place = try Tool.folder()
    try Tool.write(Self.study, place + "/s.yaml")
    return place
  }

  static let names = [
    "a?b.sqlite", "a#b.sqlite", "a%b.sqlite", "a%20b.sqlite", "a:b.sqlite", ":memory:", "file:x.sqlite",
    "file:x.sqlite?mode=memory", "file::memory:?cache=shared", "file:x?vfs=none#f", "FILE:x", "a b.sqlite", "a.sqlite ",
    " ",
    "ä.sqlite", "a'b\"c.sqlite", "a;b.sqlite", "a&b=c.sqlite", "a\\b.sqlite", "~", "*", "$HOME", "no-ending", "x.nc",
    "-",
  ]

  @Test(arguments: names)
  func storesAreThatVeryFile(_ name: String) throws {
    let place = try place()
    func run(_ arguments: [String]) throws -> Tool.Result {
      let result = try Tool.run(arguments, in: place)
      #expect(result.code == 0, "\(name): \(arguments): \(result.err)")
      return result
    }
    func isStore(_ name: String) -> Bool {
      let head = try? FileHandle(forReadingFrom: URL(filePath: place + "/" + name)).read(upToCount: 15)
      return head.map { String(decoding: $0, as: UTF8.self) == "SQLite format 3" } ?? false
    }
    _ = try run(["sweep", "s.yaml", "--output=\(name)", "--quiet"])
    #expect(isStore(name), "\(name) is no store")
    let beside = Set([name, name + ".lock", name + "-wal", name + "-shm", "s.yaml"])
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: place)).isSubset(of: beside))
    #expect(try run(["sweep", "status", "--json", "--", name]).json["completed"] as? Int == 2)
    _ = try run(["sweep", "export", "--", name, "out.csv"])
    #expect(try String(contentsOfFile: place + "/out.csv", encoding: .utf8).split(separator: "\n").count == 3)
    // Merging one part into a store of a like name, in a folder of its own.
    try FileManager.default.createDirectory(atPath: place + "/m", withIntermediateDirectories: true)
    _ = try run(["sweep", "merge", "--quiet", "--", "m/" + name, name])
    #expect(isStore("m/" + name))
    let again = try run(["sweep", "s.yaml", "--output=\(name)", "--quiet", "--json"])
    #expect(again.json["done_now"] as? Int == 0)
    guard [":memory:", "file:x?vfs=none#f"].contains(name) else { return }
    _ = try run(["study", "depth", "--seeds", "1", "--quiet", "--store=s-\(name)"])
    #expect(isStore("s-" + name))
  }

  @Test(arguments: [
    ("", "issing"), ("a\nb.sqlite", "the name has a line break or another control character"),
    ("a\u{1}.sqlite", "control character"), ("folder", "it is a folder"), ("folder/", "it is the name of a folder"),
    ("/dev/null", "it is no plain file"), ("pipe", "it is no plain file"), ("http://x/y.sqlite", "cannot be made"),
  ])
  func othersAreRefused(_ name: String, _ message: String) throws {
    let place = try place()
    try FileManager.default.createDirectory(atPath: place + "/folder", withIntermediateDirectories: true)
    #expect(try Tool.shell("mkfifo pipe", in: place).code == 0)
    let result = try Tool.run(["sweep", "s.yaml", "--output=\(name)", "--quiet"], in: place)
    #expect(result.code == 64 && result.out.isEmpty && result.err.contains(message), "\(name): \(result)")
    let reader = try Tool.run(["sweep", "status", "--", name], in: place)
    let export = try Tool.run(["sweep", "export", "--", name, "a.csv"], in: place)
    let merge = try Tool.run(["sweep", "merge", "--", name, "none.sqlite"], in: place)
    for other in [reader, export, merge] { #expect(other.code == 64 && other.out.isEmpty, "\(name): \(other)") }
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: place)) == ["s.yaml", "folder", "pipe"])
  }

  @Test(arguments: [
    "a#mode=zarr.nc", "a.zarr#mode=nczarr,file.nc", "a?b.csv", "file:a.nc", "[bytes]a.nc", "a%41.nc", "a b.csv", " .nc",
    ":.csv",
    "-a.nc", "https:a.nc",
  ])
  func exportsAreThatVeryFile(_ name: String) throws {
    let place = try place()
    #expect(try Tool.run(["sweep", "s.yaml", "--output", "s.sqlite", "--quiet"], in: place).code == 0)
    let result = try Tool.run(["sweep", "export", "--", "s.sqlite", name], in: place)
    #expect(result.code == 0, "\(name): \(result.err)")
    let head = try FileHandle(forReadingFrom: URL(filePath: place + "/" + name)).read(upToCount: 4) ?? Data()
    #expect(
      Array(head) == (name.hasSuffix(".nc") ? [0x89, 0x48, 0x44, 0x46] : Array("id,s".utf8)), "\(name): \(Array(head))")
    let url = try Tool.run(["sweep", "export", "--", "s.sqlite", "http://host/" + name], in: place)
    #expect(url.code == 64 && url.err.contains("the directory http://host does not exist"), "\(url)")
  }

  /// Columns of text and seeds that doubles do not hold, as xarray and pandas read them.
  @Test(.enabled(if: FileTests.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func pythonReadsTextsAndSeeds() throws {
    let place = try place()
    try Tool.write("a,b c,d,y\n1,2,3,1\n3,5,1,2\n4,1,2,3\n0,2,7,5\n", place + "/d.csv")
    try Tool.write(
      "problem: {data: d.csv, target: y}\nmethod: gf\naxes: {alpha: [0.1, 0.2], until: [1, 2]}\nstop: {residual: 9}\n"
        .replacing(", until: [1, 2]", with: "").replacing("residual: 9", with: "until: 1"), place + "/t.yaml")
    let big = "problem: {gaussian: {samples: 5, features: 8, nonzeros: 2}}\nmethod: gf\nstop: {until: 1}\n"
    try Tool.write(big + "axes: {seed: [18446744073709551615, 9007199254740993, 3]}\n", place + "/u.yaml")
    try Tool.write(big + "axes: {seed: [9007199254740993, 9007199254740992]}\n", place + "/i.yaml")
    try Tool.write(
      (big + "axes: {alpha: [0.1, 0.2]}\n").replacing("nonzeros: 2", with: "nonzeros: 2, seed: 18446744073709551615"),
      place + "/f.yaml")
    for name in ["t", "u", "i", "f"] {
      for line in [
        "sweep \(name).yaml --output \(name).sqlite --quiet", "sweep export \(name).sqlite \(name).nc",
        "sweep export \(name).sqlite \(name).csv",
      ] {
        let result = try Tool.run(line.words, in: place)
        #expect(result.code == 0, "\(result.err)")
      }
    }
    try Tool.write(Self.script, place + "/check.py")
    let result = try Tool.shell("\(FileTests.python ?? "python3") check.py", in: place)
    #expect(result.code == 0 && result.out.contains("all right"), "\(result.err)")
  }

  private static let script = """
    import sqlite3
    import numpy as np
    import pandas as pd
    import xarray as xr

    def frame(name):
        return pd.read_sql("SELECT * FROM runs ORDER BY id", sqlite3.connect(name + ".sqlite"))

    t, stored = xr.open_dataset("t.nc"), frame("t")
    assert "units" not in t.top_features.attrs and t.top_features.attrs["long_name"]
    for name in ["status", "outcome", "top_features"]:
        assert list(t[name].values) == list(stored[name]), name
    assert sorted(t.top_features.values[0].replace("b c", "b_c").split()) == ["a", "b_c", "d"], t.top_features.values
    assert list(t.failure.values) == ["", ""]

    big = [2**64 - 1, 2**53 + 1, 3]
    u = xr.open_dataset("u.nc")
    assert u.seed.dtype == np.uint64 and [int(s) for s in u.seed.values] == big
    assert [int(s) for s in frame("u").seed.astype("uint64")] == big
    assert list(pd.read_csv("u.csv").seed) == big
    assert len(set(u.test_error.values)) == 3
    assert float(u.sel(seed=np.uint64(2**64 - 1)).test_error) == frame("u").test_error[0]
    i = xr.open_dataset("i.nc")
    assert i.seed.dtype == np.int64 and [int(s) for s in i.seed.values] == [2**53 + 1, 2**53]
    assert list(frame("i").seed) == [2**53 + 1, 2**53] and i.test_error.values[0] != i.test_error.values[1]
    f = xr.open_dataset("f.nc")
    assert f.seed.dtype == np.uint64 and [int(s) for s in f.seed.values] == [2**64 - 1] * 2
    assert list(frame("f").seed) == [str(2**64 - 1)] * 2
    print("all right")
    """
}
