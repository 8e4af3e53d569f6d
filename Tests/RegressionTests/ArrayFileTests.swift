import Regression
import Dynamics
import Files
import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// NumPy files as design matrices: every type and order, mapped and copied, and what is refused.
@Suite struct ArrayFileTests {
  private func with<T>(_ bytes: [UInt8], _ body: (String) throws -> T) throws -> T {
    let path = try NumPyFile.write(bytes)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  private static let values: [Double] = [1, 2, 3, 4, 5, 127]

  private static func entries(_ type: String) -> [UInt8] {
    let values = type.contains("i") ? [-1] + values.dropFirst() : values
    let width = Int(String(type.last ?? "8")) ?? 8
    return values.flatMap { value -> [UInt8] in
      var bytes: [UInt8] =
        switch (type.contains("f"), width) {
        case (true, 4): NumPyFile.words(Float(value).bitPattern)
        case (true, _): NumPyFile.words(value.bitPattern)
        default: Array(NumPyFile.words(Int64(value)).prefix(width))
        }
      if type.hasPrefix(">") { bytes.reverse() }
      return bytes
    }
  }

  @Test(arguments: [
    "<f8", ">f8", "<f4", ">f4", "|i1", "<i2", ">i2", "<i4", "<i8", ">i8", "|u1", "<u2", "<u4", "<u8", "=f8",
  ])
  func readsTypes(_ type: String) throws {
    let expected = type.contains("i") ? [-1] + Self.values.dropFirst() : Self.values
    for version in 1...3 as ClosedRange<UInt8> {
      let file = NumPyFile.bytes(type: "'\(type)'", shape: "(2, 3)", version: version, entries: Self.entries(type))
      try with(file) {
        for limit in [0, .max] {
          let matrix = try DesignMatrix(npyAt: $0, mappingFrom: limit)
          #expect(matrix.rows == 2 && matrix.columns == 3 && matrix.elements == expected)
        }
      }
    }
    let fortran = NumPyFile.bytes(
      type: "'\(type)'", columnMajor: true, shape: "(3, 2)", entries: Self.entries(type))
    try with(fortran) {
      let matrix = try DesignMatrix(npyAt: $0, mappingFrom: 0)
      #expect(matrix.elements == [0, 3, 1, 4, 2, 5].map { expected[$0] })
    }
    try with(NumPyFile.bytes(type: "'\(type)'", shape: "(6,)", entries: Self.entries(type))) {
      let column = try NumericTable.column(contentsOf: $0)
      #expect(column == expected)
    }
  }

  /// Mapped or copied, a slice or the whole: the same bits of r and g. (8, 63) ends with its page.
  @Test(arguments: [(8, 63), (33, 9001), (70, 501), (9, 262_147)])
  func mappingDoesNotShow(_ n: Int, _ d: Int) throws {
    let elements = Instances.normals(n * d, seed: 41)
    let (theta, y) = (Instances.normals(d, seed: 42), Instances.normals(n, seed: 43))
    func gradient(_ x: DesignMatrix, _ theta: [Double]) -> [Double] {
      let (width, height) = (AlignedMemory.padded(x.columns), AlignedMemory.padded(n))
      let (a, r, g) = (AlignedMemory(count: width), AlignedMemory(count: height), AlignedMemory(count: width))
      for (j, value) in theta.enumerated() { a.base[j] = value }
      DesignMatrix.Gradient(x).evaluate(a.base, target: y, residual: r.base, gradient: g.base)
      return (0..<n).map { r.base[$0] } + (0..<width).map { g.base[$0] }
    }
    try with(NumPyFile.bytes(shape: "(\(n), \(d))", entries: NumPyFile.doubles(elements))) { path in
      if d == 63 {
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect((size ?? 1) % 64 == 0)
      }
      let mapped = try DesignMatrix(npyAt: path, mappingFrom: 0)
      let copied = try DesignMatrix(npyAt: path, mappingFrom: .max)
      #expect(mapped == copied && mapped.elements == elements)
      // Below 512 kB a copy has its transpose beside it, which adds up in another order.
      if n * d > 1 << 16 { #expect(gradient(mapped, theta) == gradient(copied, theta)) }
      let range = d / 3..<d - 5
      let slice = mapped.view(columns: range)
      var inside: [Double] = []
      for i in 0..<n { inside += elements[i * d + range.lowerBound..<i * d + range.upperBound] }
      let cut = try DesignMatrix(rows: n, columns: range.count, elements: inside)
      #expect(slice == cut)
      let (a, b) = (gradient(slice, Array(theta[range])), gradient(cut, Array(theta[range])))
      #expect(distance(a, b) < 1e-13 * Double(d).squareRoot())
    }
  }

  private static let six = NumPyFile.doubles(values)

  @Test(arguments: [
    (Array("PK no array".utf8), "does not begin as a NumPy file"),
    ([0x93] + Array("NUMPY".utf8), "does not begin as a NumPy file"),
    (NumPyFile.bytes(shape: "(2, 3)", version: 9, entries: six), "format version 9.0"),
    (Array(NumPyFile.bytes(shape: "(2, 3)", entries: six).prefix(40)), "cut short or too long"),
    (Array(NumPyFile.bytes(shape: "(2, 3)", entries: six).dropLast(3)), "it is cut short: 173 bytes"),
    (NumPyFile.bytes(shape: "(2, 3)", entries: six + [1, 2]), "2 bytes follow its array of shape (2, 3)"),
    (NumPyFile.bytes(shape: "(9223372036854775807, 3)", entries: six), "it is cut short"),
    (NumPyFile.bytes(shape: "(2, x)", entries: six), "no type, order and shape"),
    (NumPyFile.bytes(type: "'|O'", shape: "(2, 3)", entries: six), "Python objects"),
    (NumPyFile.bytes(type: "'<c16'", shape: "(1, 3)", entries: six), "of type <c16"),
    (NumPyFile.bytes(type: "'<f3'", shape: "(2, 3)", entries: six), "of type <f3"),
    (NumPyFile.bytes(type: "'<U8'", shape: "(2, 3)", entries: six), "of type <U8"),
    (NumPyFile.bytes(type: "[('a', '<f8')]", shape: "(2, 3)", entries: six), "records"),
    (NumPyFile.bytes(shape: "(6,)", entries: six), "its shape is (6,); two dimensions"),
    (NumPyFile.bytes(shape: "(1, 2, 3)", entries: six), "its shape is (1, 2, 3)"),
    (NumPyFile.bytes(shape: "(0, 3)", entries: []), "it is empty"),
    (
      NumPyFile.bytes(shape: "(2, 3)", entries: NumPyFile.doubles([1, 2, 3, 4, .nan, 6])),
      "entry [1, 1] (counted from 0): nan is not a finite number"
    ),
    (NumPyFile.bytes(shape: "(3, 2)", entries: NumPyFile.doubles([1, 2, 3, -.infinity, 5, 6])), "[1, 1]"),
    (
      NumPyFile.bytes(type: "'<i8'", shape: "(1, 2)", entries: NumPyFile.words(1) + NumPyFile.words(1 << 53 + 1)),
      "entry [0, 1] (counted from 0): no double equals"
    ),
  ])
  func refusesDesigns(_ bytes: [UInt8], _ message: String) throws {
    for limit in [0, .max] {
      try with(bytes) { path in
        do {
          _ = try DesignMatrix(npyAt: path, mappingFrom: limit)
          Issue.record("accepted")
        } catch let error as InvalidInput {
          #expect("\(error)".contains(message) && error.subject.description.hasPrefix(path), "\(error)")
        }
      }
    }
  }

  @Test func refusesColumns() throws {
    for (bytes, message) in [
      (NumPyFile.bytes(shape: "(2, 3)", entries: Self.six), "one dimension, or one column"),
      (NumPyFile.bytes(shape: "()", entries: NumPyFile.doubles([1])), "one dimension, or one column"),
      (NumPyFile.bytes(shape: "(2,)", entries: NumPyFile.doubles([1, .nan])), "entry [1] (counted from 0): nan"),
    ] {
      try with(bytes) { path in
        do {
          _ = try NumericTable.column(contentsOf: path)
          Issue.record("accepted")
        } catch {
          #expect("\(error)".contains(message), "\(error)")
        }
      }
    }
    try with(NumPyFile.bytes(shape: "(6, 1)", entries: Self.six)) {
      let column = try NumericTable.column(contentsOf: $0)
      #expect(column == Self.values)
    }
  }

  /// Held-out rows of a mapped file are those of the copy.
  @Test func holdsOut() throws {
    let elements = Instances.normals(20 * 30, seed: 44)
    try with(NumPyFile.bytes(shape: "(20, 30)", entries: NumPyFile.doubles(elements))) { path in
      let y = (0..<20).map(Double.init)
      let halves = try [0, Int.max].map { limit in
        try RegressionProblem(name: "x", design: DesignMatrix(npyAt: path, mappingFrom: limit), response: y)
          .holdingOut(0.25, seed: 3)
      }
      #expect(halves[0].design == halves[1].design && halves[0].test == halves[1].test)
      #expect(halves[0].design.rows == 15)
      // Each target tells its row.
      for (place, row) in halves[0].response.map({ Int($0) }).enumerated() {
        #expect((0..<30).allSatisfy { halves[0].design[place, $0] == elements[row * 30 + $0] })
      }
    }
  }
}
