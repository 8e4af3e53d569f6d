import CNetCDF
import Files
import Foundation
import TestSupport
import Testing

@Suite struct OutputTests {
  private let awkward: [Double] = [
    0.1, -0.0, 1e-300, .leastNonzeroMagnitude, 1.7976931348623157e308, 1.0 / 3, -2.5e-17,
  ]

  private var dataset: ArrayDataset {
    ArrayDataset(
      dimensions: [("row", 7), ("name", 2)],
      arrays: [
        NamedArray("x", ["row"], .reals(awkward), longName: "awkward numbers"),
        NamedArray("xy", ["row", "name"], .reals(awkward + awkward.reversed()), longName: "a grid", units: "s"),
        NamedArray("k", ["row"], .integers([1, -2, 3, .max, .min, 0, 7]), longName: "whole numbers"),
        NamedArray("name", ["name"], .strings(["α, \"quoted\"", ""]), longName: "text", units: nil),
      ],
      attributes: [("title", .text("test – ünïcode")), ("lambda", .number(0.1)), ("count", .integer(-3))])
  }

  /// Read back with the C library's own reader, bit for bit.
  @Test func netCDFReadsBackBitForBit() throws {
    let path = try temporaryFolder() + "/a.nc"
    try NetCDFFile.write(dataset, to: path)
    NetCDFFile.library.withLock { _ in
      var file: CInt = 0
      #expect(nc_open(path, 0, &file) == 0)
      defer { nc_close(file) }
      var id: CInt = 0
      #expect(nc_inq_varid(file, "xy", &id) == 0)
      var values = [Double](repeating: 0, count: 14)
      #expect(nc_get_var_double(file, id, &values) == 0)
      #expect(values.map(\.bitPattern) == (awkward + awkward.reversed()).map(\.bitPattern))
      #expect(nc_inq_varid(file, "k", &id) == 0)
      var whole = [Int64](repeating: 0, count: 7)
      #expect(nc_get_var_longlong(file, id, &whole) == 0)
      #expect(whole == [1, -2, 3, .max, .min, 0, 7])
      #expect(nc_inq_varid(file, "name", &id) == 0)
      var strings = [UnsafeMutablePointer<CChar>?](repeating: nil, count: 2)
      #expect(nc_get_var_string(file, id, &strings) == 0)
      #expect(strings.map { $0.map { String(cString: $0) } } == ["α, \"quoted\"", ""])
      nc_free_string(2, &strings)
      var deflate: (shuffle: CInt, on: CInt, level: CInt) = (0, 0, 0)
      #expect(nc_inq_varid(file, "xy", &id) == 0)
      #expect(nc_inq_var_deflate(file, id, &deflate.shuffle, &deflate.on, &deflate.level) == 0)
      #expect(deflate.on == 1 && deflate.shuffle == 1)
      var lambda = 0.0
      #expect(nc_get_att_double(file, NC_GLOBAL, "lambda", &lambda) == 0 && lambda == 0.1)
    }
  }

  /// The library may be entered by one thread at a time only.
  @Test func netCDFFromManyThreads() throws {
    let folder = try temporaryFolder()
    DispatchQueue.concurrentPerform(iterations: 400) { index in
      #expect(throws: Never.self) { try NetCDFFile.write(dataset, to: "\(folder)/\(index).nc") }
    }
    let sizes = try (0..<400).map { try Data(contentsOf: URL(filePath: "\(folder)/\($0).nc")).count }
    #expect(Set(sizes).count == 1 && sizes[0] > 1000)
  }

  @Test func csvReadsBackBitForBit() throws {
    let path = try temporaryFolder() + "/a.csv"
    try CSVFile.write(path, header: ["x", "odd, \"name\""], rows: 7) { $1 == 0 ? awkward[$0] : .nan }
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "x,\"odd, \"\"name\"\"\"")
    let cells = lines.dropFirst().map { Double($0.split(separator: ",")[0])?.bitPattern }
    #expect(cells == awkward.map(\.bitPattern))
    #expect(lines[1].hasSuffix(","))
  }

  @Test func inconsistentDataSetsAreRefused() throws {
    let path = try temporaryFolder() + "/a.nc"
    var bad = dataset
    bad.arrays.append(NamedArray("z", ["row"], .reals([1]), longName: "too short"))
    #expect(throws: ExportError.self) { try NetCDFFile.write(bad, to: path) }
    bad = dataset
    bad.arrays.append(NamedArray("z", ["nowhere"], .reals([1]), longName: "no such dimension"))
    #expect(throws: ExportError.self) { try NetCDFFile.write(bad, to: path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: (path as NSString).deletingLastPathComponent).isEmpty)
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    let place = try temporaryFolder()
    let path = place + "/a.csv"
    try OutputFile.write(text: "old", to: path)
    #expect(throws: ExportError.self) {
      try OutputFile.write(path) { temporary throws(ExportError) in
        try OutputFile.write(text: "half", to: temporary + "x")
        throw ExportError(.failed, path, "on purpose")
      }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    #expect(!FileManager.default.fileExists(atPath: place + "/.writing"))
  }

  @Test func pathsAreCheckedBeforeWork() throws {
    let place = try temporaryFolder()
    func check(_ name: String, force: Bool = false) throws(ExportError) {
      try OutputFile.check(name, endings: [".nc", ".csv"], force: force)
    }
    #expect(throws: ExportError.self) { try check(place + "/missing/a.nc") }
    #expect(throws: ExportError.self) { try check(place + "/a.txt") }
    #expect(throws: ExportError.self) { try check(place + "/.nc/") }
    try check(place + "/a.nc")
    try OutputFile.write(text: "x", to: place + "/a.nc")
    #expect(throws: ExportError.self) { try check(place + "/a.nc") }
    try check(place + "/a.nc", force: true)
    try FileManager.default.createDirectory(atPath: place + "/dir.nc", withIntermediateDirectories: false)
    #expect(throws: ExportError.self) { try check(place + "/dir.nc", force: true) }
  }
}
