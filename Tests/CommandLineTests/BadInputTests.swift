import Foundation
import TestSupport
import Testing

/// Unusable options and input, one by one: exit 64, nothing on standard output, one message that says what is wrong.
@Suite struct BadInputTests {
  private static let g = "--gaussian 6,10,2"

  @Test(arguments: [
    ("solve \(g) --lambda 0 --until 1", "λ must be positive"),
    ("solve \(g) --lambda -1 --until 1", "λ must be positive"),
    ("solve \(g) --lambda nan --until 1", "finite number"),
    ("solve \(g) --lambda inf --until 1", "finite number"),
    ("solve \(g) --lambda 1e400 --until 1", "finite number"),
    ("solve \(g) --lambda x --until 1", "finite number"),
    ("solve \(g) --until 1", "needs it"),
    ("solve \(g) --flow gf --lambda 1 --until 1", "gradient flow has no λ"),
    ("solve \(g) --flow sgd --until 1", "--flow"),
    ("solve \(g) --lambda 1", "--until T or --until-residual R"),
    ("solve \(g) --lambda 1 --until 1 --until-residual 1e-3", "--until T or --until-residual R"),
    ("solve \(g) --lambda 1 --until 0", "must be positive"),
    ("solve \(g) --lambda 1 --until -5", "must be positive"),
    ("solve \(g) --lambda 1 --until-residual 0", "must be positive"),
    ("solve \(g) --lambda 1 --until-residual 1e-3 --max-time 0", "must be positive"),
    ("solve \(g) --lambda 1 --until 1 --max-time 5", "--max-time goes with"),
    ("solve \(g) --lambda 1 --until 1 --stepper euler", "rk8pd"),
    ("solve \(g) --lambda 1 --until 1 --stepper radau7", "no stepper of that name"),
    ("solve \(g) --lambda 1 --until 1 --stepper automatic", "auto, taylor, radau"),
    ("solve \(g) --lambda 1 --until 1 --rtol 0", "--rtol"),
    ("solve \(g) --lambda 1 --until 1 --rtol -1", "--rtol"),
    ("solve \(g) --lambda 1 --until 1 --atol -1", "atol"),
    ("solve \(g) --lambda 1 --until 1 --at 0.5,0.2", "must increase"),
    ("solve \(g) --lambda 1 --until 1 --at 0.5,0.5", "must increase"),
    ("solve \(g) --lambda 1 --until 1 --at 0.5,2", "outside"),
    ("solve \(g) --lambda 1 --until 1 --at -1", "outside"),
    ("solve \(g) --lambda 1 --until 1 --at 0.5,x", "separated by commas"),
    ("solve \(g) --lambda 1 --until 1 --at 0.5 --samples 3", "not both"),
    ("solve \(g) --lambda 1 --until 1 --samples 1", "at least 2"),
    ("solve \(g) --lambda 1 --until 1 --samples -3", "whole number"),
    ("solve --lambda 1 --until 1", "No problem is given"),
    ("solve \(g) --preset even-2023-large --lambda 1 --until 1", "not several"),
    ("solve --preset nobody --lambda 1 --until 1", "even-2023-centred"),
    ("solve --gaussian 6,10 --lambda 1 --until 1", "N,D,S"),
    ("solve --gaussian 6,3,4 --lambda 1 --until 1", "do not fit into 3 features"),
    ("solve --gaussian 0,3,1 --lambda 1 --until 1", "at least one sample"),
    ("solve --gaussian 6,10,-1 --lambda 1 --until 1", "do not fit"),
    ("solve --gaussian 9999999999,9999999999,1 --lambda 1 --until 1", "memory"),
    ("solve \(g) --mean nan --lambda 1 --until 1", "finite number"),
    ("solve \(g) --seed -1 --lambda 1 --until 1", "whole number"),
    ("solve \(g) --alpha 0 --lambda 1 --until 1", "fixed point"),
    ("solve \(g) --alpha -0.1 --lambda 1 --until 1", "positive"),
    ("solve \(g) --alpha 1e-151 --lambda 1 --until 1", "1e-150"),
    ("solve \(g) --holdout 1 --lambda 1 --until 1", "--holdout"),
    ("solve \(g) --holdout -0.1 --lambda 1 --until 1", "--holdout"),
    ("solve \(g) --standardize --lambda 1 --until 1", "--standardize goes with --data"),
    ("solve --data data/gasoline.csv --lambda 1 --until 1", "--data and --target go together"),
    ("solve --data data/gasoline.csv --target nothing --lambda 1 --until 1", "no column of that name"),
    ("solve \(g) --drop a --lambda 1 --until 1", "--drop goes with --data and --design"),
    ("solve --data a.csv --target y --header no --lambda 1 --until 1", "--header goes with --design"),
    (
      "solve --data a.csv --target y --delimiter x --lambda 1 --until 1",
      "choose one of comma, semicolon, tab, bar, blanks"
    ),
    ("solve --data a.csv --target y --decimal x --lambda 1 --until 1", "choose point or comma"),
    ("solve --data a.csv --target y --missing x --lambda 1 --until 1", "choose one of refuse, drop-rows, drop-columns"),
    ("solve --data missing.csv --target y --lambda 1 --until 1", "no such file"),
    ("solve --data data --target y --lambda 1 --until 1", "directory"),
    ("solve --design X.npy --response y.csv --lambda 1 --until 1", "X.npy: there is no such file"),
    ("solve --design X.nc --response y.csv --lambda 1 --until 1", "X.nc: there is no such file"),
    ("solve --design X.nc:a --response y.csv --lambda 1 --until 1", "X.nc: there is no such file"),
    ("solve --design data --response y.csv --lambda 1 --until 1", "data: it is a directory"),
    ("solve \(g) --u0 a.csv --lambda 1 --until 1", "--u0 and --v0 go together"),
    ("solve \(g) --lambda 1 --until 1 --output /nowhere/a.nc", "does not exist"),
    ("solve \(g) --lambda 1 --until 1 --output a.txt", "must end in .nc or .csv"),
    ("solve --gaussian 1000000,1000000,1 --lambda 1 --until 1", "GB"),
    ("solve \(g) --lambda 1 --until 1 --samples 100000000000000", "GB"),
    ("solve \(g) --lambda 1 --until-residual 1e-3 --samples 100000000000000", "GB"),
    ("descend \(g) --lambda 1 --step 0.1 --until-residual 1e-3 --samples 100000000000000", "GB"),
    ("descend \(g) --lambda 1 --step 1e-9 --iterations 1000000000000 --output a.nc", "GB"),
    ("solve \(g) --flow corrected2 --lambda 1 --until 1", "give --step E with 0 < E"),
    ("solve \(g) --flow corrected13 --lambda 1 --step 0.1 --until 1", "corrected flows are of order 2 to 12"),
    ("limit \(g) --flow corrected5 --lambda 1 --step 0.1 --stepper radau", "choose taylor"),
    ("solve --gaussian -1,10,2 --lambda 1 --until 1", "at least one sample"),
    ("solve \(g) --lambda 1 --until 1 --rtol 1e300", "less than 1"),
    ("limit \(g) --lambda 1 --method nesterov", "--method goes with"),
    ("limit \(g) --gamma 0.1 --beta 0.5 --stepper automatic", "no stepper of that name"),
    ("descend \(g) --gamma 1e308 --beta 0.9 --iterations 5", "overflows"),
    ("descend \(g) --gamma 0.1 --beta 0.5 --iterations 9223372036854775807", "1e15"),
    ("solve --gaussian 12,3,1 --data x.csv --target y --lambda 1 --until 1", "not several"),
    ("descend \(g) --gamma 0 --beta 0.9 --iterations 5", "γ must be positive"),
    ("descend \(g) --gamma -1 --beta 0.9 --iterations 5", "γ must be positive"),
    ("descend \(g) --gamma 0.1 --beta 1 --iterations 5", "0 ≤ β < 1"),
    ("descend \(g) --gamma 0.1 --beta -0.1 --iterations 5", "0 ≤ β < 1"),
    ("descend \(g) --gamma 0.1 --iterations 5", "--gamma G --beta B"),
    ("descend \(g) --gamma 0.1 --beta 0.5 --lambda 1 --iterations 5", "--gamma G --beta B"),
    ("descend \(g) --lambda 1 --step 1.5 --iterations 5", "choose ε ≤ λ"),
    ("descend \(g) --lambda 1 --step 0.1", "--iterations K or --until-residual R"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations -1", "whole number"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 1.5", "whole number"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --batch 7", "--batch 7"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --batch 0", "--batch 0"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --replacement", "--replacement goes with --batch"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --at 3,1", "must increase"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --at 6", "outside"),
    ("descend \(g) --lambda 1 --step 0.1 --iterations 5 --method adam", "--method"),
    ("compare \(g) --lambda 1 --steps 2 --until 5", "choose ε ≤ λ"),
    ("compare \(g) --lambda 1 --steps 0.1,abc --until 5", "\"abc\" is none"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --order 4 --stepper radau", "choose taylor"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --paths 5", "--paths goes with --batch"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --batch 2", "--replacement"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --batch 2 --replacement --paths 1", "at least 2"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --batch 2 --replacement --order 3", "order 1 or 2"),
    ("limit \(g) --lambda 1 --batch 2", "--batch goes with --gamma and --beta"),
    ("limit \(g) --gamma 0.01 --beta 0.5 --batch 2 --route integrate", "projection only"),
    ("solve \(g) --flow corrected3 --lambda 1 --step 2 --until 1", "above λ"),
    ("solve \(g) --lambda 1 --step 0.1 --until 1", "mgf has no ε"),
    ("solve \(g) --flow gf --alpha 1e8 --until 1", "do not resolve θ"),
    ("limit \(g) --flow corrected3 --lambda 1 --step 0.1 --route integrate", "projection only"),
    ("compare \(g) --lambda 1 --steps 0.1 --until 5 --order 13", "no flow of that order"),
    ("compare \(g) --lambda 1 --until 5", "--steps"),
    ("limit \(g)", "needs it"),
    ("limit \(g) --lambda 1 --route sideways", "project"),
    ("limit \(g) --lambda 1 --residual-tolerance 1e-9", "--route integrate"),
    ("limit \(g) --lambda 1 --route integrate --residual-tolerance 0", "--residual-tolerance"),
    ("limit \(g) --lambda 1 --delta-tolerance nan", "finite number"),
    ("limit \(g) --lambda 1 --delta-tolerance 0", "--delta-tolerance"),
    ("limit \(g) --gamma 0.1", "--gamma and --beta go together"),
    ("limit \(g) --gamma 0.1 --beta 0.5 --lambda 1", "not both"),
    ("limit --gaussian 12,3,1 --holdout 0.1 --lambda 1 --alpha 0", "fixed point"),
    ("demo --output-directory /nowhere", "does not exist"),
  ])
  func options(_ line: String, _ message: String) throws {
    let result = try Tool.run(line.split(separator: " ").map(String.init) + ["--json"])
    #expect(result.code == 64, "\(result.err)")
    #expect(result.out.isEmpty)
    #expect(result.err.contains(message), "\(result.err)")
    #expect(result.err.components(separatedBy: "rror:").count == 2)
  }

  @Test func emptyDirectoryName() throws {
    let result = try Tool.run(["demo", "--gaussian", "6,10,2", "--output-directory", ""])
    #expect(result.code == 64 && result.err.contains("it is empty"))
  }

  @Test(arguments: ["order", "frobnicate"])
  func commands(_ line: String) throws {
    let result = try Tool.run(line.words)
    #expect(result.code == 64 && result.out.isEmpty)
    #expect(
      result.err.contains(
        "choose one of solve, descend, compare, limit, certify, thresholds, sweep, study, presets, demo"))
  }

  @Test(arguments: [
    ("", "the file is empty"), ("y,a\n", "no data row"), ("y,a\n1,2\n3\n", "line 3"),
    ("y,a\n1,2,3\n", "line 2"), ("y,a\n1,NA\n", "line 2, column 2 (a)"), ("y,a\n1,nan\n", "line 2, column 2 (a)"),
    ("y,a\n1,inf\n", "line 2, column 2 (a)"), ("y,a\n1,1e999\n", "line 2, column 2 (a)"),
    ("y,a,a\n1,2,3\n", "used twice"), ("y,,a\n1,2,3\n", "no name"), ("a,b\n1,2\n", "no column of that name"),
    ("y\n1\n2\n", "no feature column"), ("y,a,b\n1,2,5\n2,2,6\n", "\"a\": it is constant"),
    ("y;a\n1,234;2,345\n", "--decimal comma"), ("y,a\n\"1\"5,2\n", "line 2, column 1: text follows a closing quote"),
  ])
  func tables(_ text: String, _ message: String) throws {
    let place = try Tool.folder()
    try Tool.write(text, place + "/t.csv")
    let result = try Tool.run(
      ["solve", "--data", "t.csv", "--target", "y", "--standardize", "--lambda", "1", "--until", "1"], in: place)
    #expect(result.code == 64 && result.out.isEmpty)
    #expect(result.err.contains(message), "\(result.err)")
    #expect(result.err.contains("t.csv") || result.err.contains("column"))
  }

  @Test(arguments: [
    ("1,2\n3,4\n", "1\n2\n3\n", "", "", "3 values where X.csv has 2 rows"),
    ("1,2\n3,4\n", "1,2\n3,4\n", "", "", "one value a line"),
    ("1,2\n3,4\n", "1\n2\n", "1\n", "2\n", "it has 1 values where the problem has 2 features"),
    ("1,2\n3,4\n", "1\n2\n", "0\n0\n", "0\n0\n", "fixed point"),
    ("1,2\n3,x\n", "1\n2\n", "", "", "X.csv, line 2, column 2"),
    ("a,b\n3,4\n", "1\n2\n", "", "", "y.csv: it has 2 values where X.csv has 1 rows"),
    ("a,2\n3,4\n", "1\n2\n", "", "", "X.csv, line 1, column 1: \"a\" is not a finite number"),
  ])
  func matrices(_ x: String, _ y: String, _ u: String, _ v: String, _ message: String) throws {
    let place = try Tool.folder()
    for (name, text) in [("X", x), ("y", y), ("u", u), ("v", v)] { try Tool.write(text, "\(place)/\(name).csv") }
    var arguments = ["solve", "--design", "X.csv", "--response", "y.csv", "--lambda", "1", "--until", "1"]
    if !u.isEmpty { arguments += ["--u0", "u.csv", "--v0", "v.csv"] }
    let result = try Tool.run(arguments, in: place)
    #expect(result.code == 64 && result.out.isEmpty)
    #expect(result.err.contains(message), "\(result.err)")
  }

  /// NumPy files that do not fit, and what only commands can say of them.
  @Test(arguments: [
    ("X.npy", "y.npy", "", "y.npy: it has 3 values where X.npy has 2 rows"),
    ("X.npy", "X.npy", "", "X.npy: its shape is (2, 3); one dimension"),
    ("y.npy", "X.npy", "", "y.npy: its shape is (3,); two dimensions"),
    ("nan.npy", "two.npy", "", "nan.npy, entry [0, 1] (counted from 0)"),
    ("X.npy", "two.npy", "--truth two.npy", "two.npy: it has 2 values where X.npy has 3 columns"),
    ("X.npy", "two.npy", "--u0 two.npy --v0 two.npy", "it has 2 values where the problem has 3 features"),
    ("text.npy", "two.npy", "", "two.npy: it has 2 values where text.npy has 1 rows"),
    ("cut.csv", "two.npy", "", "cut.csv: it is a NetCDF file that cannot be opened"),
    ("cut.nc", "two.npy", "", "cut.nc: it is an HDF5 file that cannot be opened"),
  ])
  func arrays(_ x: String, _ y: String, _ more: String, _ message: String) throws {
    let place = try Tool.folder()
    func write(_ name: String, _ shape: String, _ values: [Double]) throws {
      let bytes = NumPyFile.bytes(shape: shape, entries: NumPyFile.doubles(values))
      try Data(bytes).write(to: URL(filePath: "\(place)/\(name).npy"))
    }
    try write("X", "(2, 3)", [1, 2, 3, 4, 5, 6])
    try write("y", "(3,)", [1, 2, 3])
    try write("two", "(2,)", [1, 2])
    try write("nan", "(2, 3)", [1, .nan, 3, 4, 5, 6])
    try Tool.write("1,2\n", "\(place)/text.npy")
    try Data(Array("CDF".utf8) + [1, 0, 0]).write(to: URL(filePath: "\(place)/cut.csv"))
    try Data([0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A, 0, 0]).write(to: URL(filePath: "\(place)/cut.nc"))
    let result = try Tool.run(
      "solve --design \(x) --response \(y) \(more) --lambda 1 --until 1".words, in: place)
    #expect(result.code == 64 && result.out.isEmpty)
    #expect(result.err.contains(message), "\(result.err)")
  }

  /// A target outside the range of X cannot be interpolated: refused where that is asked for, a note where it is not.
  @Test func noInterpolator() throws {
    for command in ["limit --gaussian 3,2,1 --lambda 1", "solve --gaussian 3,2,1 --lambda 1 --until-residual 1e-9"] {
      let fine = try Tool.run(command.split(separator: " ").map(String.init) + ["--json"])
      #expect(fine.code == 0, "y = Xθ* is always solvable: \(fine.err)")
      #expect(fine.err.contains("not over-parametrised"))
    }
    let place = try Tool.folder()
    try Tool.write("1\n1\n", place + "/X.csv")
    try Tool.write("1\n2\n", place + "/y.csv")
    let data = ["--design", "X.csv", "--response", "y.csv", "--lambda", "1", "--json"]
    for command in [["limit"], ["solve", "--until-residual", "1e-9"]] {
      let result = try Tool.run(command + data, in: place)
      #expect(result.code == 64 && result.out.isEmpty)
      #expect(result.err.contains("outside the range of X"))
    }
    let solved = try Tool.run(["solve", "--until", "200"] + data, in: place)
    #expect(solved.code == 0 && solved.err.contains("no interpolator exists"))
    // Least squares: θ = 1.5, residual ½.
    #expect(abs((solved.json["residual_max"] as? Double ?? 0) - 0.5) < 1e-6)
  }
}
