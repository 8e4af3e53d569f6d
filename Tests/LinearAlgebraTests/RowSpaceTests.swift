import Foundation
import LinearAlgebra
import RandomStreams
import TestSupport
import Testing

/// Row spaces of ill-conditioned designs, on data for which y = Xθ* is exact: entries with 20 bits, θ* of small integers.
@Suite struct RowSpaceTests {
  private func rounded(_ x: Double, _ unit: Double) -> Double { (x / unit).rounded() * unit }

  /// Rθ* and z agree to rounding whatever the condition, and R is orthonormal.
  @Test(arguments: [1e-2, 1e-6, 1e-9, 1e-12])
  func coordinatesLoseNoDigits(_ difference: Double) throws {
    var rows = (0..<4).map { q in Instances.normals(9, seed: UInt64(70 + q)).map { rounded($0, 0x1p-10) } }
    let unit = 0x1p-10 * difference.binade
    rows[2] = zip(rows[1], Instances.normals(9, seed: 75)).map { $0 + rounded(difference * $1, unit) }
    let star = [3.0, -1, 0, 2, 1, -2, 4, 0, 1]
    let response = rows.map { row in zip(row, star).reduce(0) { $0 + $1.0 * $1.1 } }
    let space = try RowSpace(DesignMatrix(rows: 4, columns: 9, elements: rows.flatMap { $0 }))
    #expect(space.rank == 4)
    let spread = space.singularValues[0] / space.singularValues[3]
    #expect(space.isRefined == (spread > 1024))
    let condition = space.isRefined ? 1 : spread
    let gap = distance(space.components(star), space.coordinates(ofSolution: response))
    #expect(gap < 1e-14 * condition, "\(gap)")
    for k in 0..<4 {
      for j in 0...k {
        let dot = zip(space.rightVector(k), space.rightVector(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (k == j ? 1 : 0)) < 1e-14)
      }
    }
    // The interpolator of least norm interpolates, and lies in the row space.
    let shortest = space.minimumNormSolution(response)
    #expect(distance(space.components(shortest), space.components(star)) < 1e-14 * condition)
  }

  /// Rows of any size: the solutions of Xθ = y are those of the rows scaled, and the public singular values those of X.
  @Test func gradedRows() throws {
    let rows = (0..<3).map { q in Instances.normals(6, seed: UInt64(80 + q)).map { rounded($0, 0x1p-10) } }
    let star = [3.0, -1, 0, 2, 1, -2]
    let response = rows.map { row in zip(row, star).reduce(0) { $0 + $1.0 * $1.1 } }
    let scale = [1, 0x1p-70, 0x1p-300]
    let space = try RowSpace(
      DesignMatrix(rows: 3, columns: 6, elements: zip(rows, scale).flatMap { row, s in row.map { s * $0 } }))
    #expect(space.rank == 3 && space.neglectedValue == nil)
    let y = zip(response, scale).map { $0 * $1 }
    #expect(distance(space.components(star), space.coordinates(ofSolution: y)) < 1e-13)
    #expect(distance(space.components(star), space.components(space.minimumNormSolution(y))) < 1e-13)
    #expect(zip(space.residualOutsideRange(y), scale).allSatisfy { abs($0 / $1) < 1e-13 })
    #expect(space.singularValues[0] / space.singularValues[1] > 0x1p60)
  }

  /// A = D Rᵀ(R D Rᵀ)⁻¹ against its definition, R A = 1, also where D spans all sizes.
  @Test(arguments: [0.0, 2, 10, 100])
  func responseOfInterpolators(_ exponent: Double) throws {
    let problem = try Instances.problem(4, 9, seed: 90)
    let space = try RowSpace(problem.design)
    var stream = RandomStream(seed: 91, substream: 1)
    let weights = (0..<9).map { _ in pow(10, -exponent * stream.uniform()) }
    let a = try #require(space.response(weights: weights))
    for k in 0..<4 {
      let image = space.components((0..<9).map { a[$0 * 4 + k] })
      for j in 0..<4 { #expect(abs(image[j] - (j == k ? 1 : 0)) < 1e-12, "\(exponent)") }
    }
    // D⁻¹A lies in the row space.
    if exponent <= 10 {
      for k in 0..<4 {
        let pulled = (0..<9).map { a[$0 * 4 + k] / weights[$0] }
        #expect(largest(space.residualOutsideRowSpace(pulled)) < 1e-10 * largest(pulled))
      }
    }
  }

  /// Doubled precision: exact products, quotients and roots to 2⁻¹⁰⁰.
  @Test func doubleDouble() {
    let third = DoubleDouble(1) / DoubleDouble(3)
    let one = third * 3 - DoubleDouble(1)
    #expect(third.low != 0 && abs(one.high) < 0x1p-100)
    let root = DoubleDouble(2).squareRoot()
    #expect(abs((root * root - DoubleDouble(2)).high) < 0x1p-100)
    let (a, b) = (1 + 0x1p-30, 1 - 0x1p-40)
    let product = DoubleDouble(product: a, b) - DoubleDouble(1) - DoubleDouble(0x1p-30) + DoubleDouble(0x1p-40)
    #expect(product.high == -0x1p-70 && product.low == 0)
    #expect(DoubleDouble(sum: 1, 0x1p-80).low == 0x1p-80)
  }

  @Test(arguments: Instances.shapes)
  func rowSpace(_ n: Int, _ d: Int) throws {
    let problem = try Instances.problem(n, d, seed: 15)
    let space = try RowSpace(problem.design)
    #expect(space.rank == min(n, d))
    // Any combination of rows lies inside; what is left of any vector is orthogonal to every row.
    let inside = (0..<d).map { j in (0..<n).reduce(0) { $0 + Double($1 + 1) * problem.design[$1, j] } }
    #expect(largest(space.residualOutsideRowSpace(inside)) < 1e-12 * largest(inside))
    let rest = space.residualOutsideRowSpace(Instances.normals(d, seed: 16))
    #expect(largest(problem.design.times(rest)) < 1e-12)
    let theta = space.minimumNormSolution(problem.response)
    let missing = zip(problem.design.times(theta), problem.response).map { $1 - $0 }
    #expect(distance(missing, space.residualOutsideRange(problem.response)) < 1e-11)
  }

  /// What lies outside the range, by XXᵀ against the singular value decomposition, of full and of lower rank.
  @Test func residualOutsideRange() throws {
    for rank in [5, 12] {
      let base = Instances.normals(rank * 40, seed: 48)
      let mix = Instances.normals(12 * rank, seed: 49)
      var elements = [Double](repeating: 0, count: 12 * 40)
      for i in 0..<12 {
        for j in 0..<40 {
          for r in 0..<rank { elements[i * 40 + j] += mix[i * rank + r] * base[r * 40 + j] }
        }
      }
      let design = try DesignMatrix(rows: 12, columns: 40, elements: elements)
      let y = Instances.normals(12, seed: 50)
      let expected = try RowSpace(design).residualOutsideRange(y)
      #expect(largest(expected) > (rank == 5 ? 0.1 : -1))
      #expect(distance(try design.residualOutsideRange(y), expected) < 1e-10)
    }
  }

  /// Duplicated rows and columns lower the rank, and nothing else goes wrong.
  @Test func rankDeficiency() throws {
    let row = [1.0, 2, 3, 4]
    let design = try DesignMatrix(rows: 3, columns: 4, elements: row + row + row.map { 2 * $0 })
    let space = try RowSpace(design)
    #expect(space.rank == 1)
    #expect(largest(space.residualOutsideRange([1, 1, 2])) < 1e-14)
    #expect(largest(space.residualOutsideRange([1, 0, 0])) > 0.5)
  }
}
