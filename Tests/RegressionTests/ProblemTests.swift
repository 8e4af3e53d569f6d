import Regression
import Dynamics
import Files
import LinearAlgebra
import TestSupport
import Testing

@Suite struct ProblemTests {
  private func table(_ text: String, header: Bool = true) throws -> NumericTable {
    try NumericTable(bytes: Array(text.utf8), path: "t.csv", header: header)
  }

  @Test func readsTables() throws {
    let plain = try table("a,b\n1,2\n3,-4.5e-3\n")
    #expect(plain.names == ["a", "b"] && plain.rows == 2 && plain.cells == [1, 2, 3, -4.5e-3])
    // Byte order mark, Windows line ends, quotes, spaces, blank lines, no final newline.
    let odd = try table("\u{FEFF}\"a, \"\"x\"\"\", b \r\n\r\n 1 ,\"2\"\r\n3,4")
    #expect(odd.names == ["a, \"x\"", "b"] && odd.cells == [1, 2, 3, 4])
    #expect(try table("1,2\n3,4\n", header: false).columns == 2)
  }

  @Test(arguments: [
    ("", "no header row"), ("a,b\n", "no data row"), ("a,b\n1,2\n3\n", "line 3: it has 1 cells where 2"),
    ("a,b\n1,x\n", "line 2, column 2 (b): \"x\" is not a finite number"),
    ("a,b\n1,nan\n", "\"nan\" stands for a missing value"),
    ("a,b\n1,1e400\n", "not a finite number"), ("a,b\n1,\n", "the cell is empty"),
    ("a,a\n1,2\n", "\"a\" is used twice"), ("a,\n1,2\n", "has no name"), ("a,\"b\n1,2\n", "never closed"),
  ])
  func refusesBadTables(_ text: String, _ message: String) {
    do {
      _ = try table(text)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test func syntheticProblems() throws {
    let problem = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, mean: 2, seed: 4).problem()
    #expect(problem.truth?.filter { $0 != 0 }.count == 3)
    #expect(problem.truth?.allSatisfy { [-1, 0, 1].contains($0) } == true)
    #expect(distance(problem.design.times(problem.truth ?? []), problem.response) == 0)
    let mean = problem.design.elements.reduce(0, +) / 600
    #expect(abs(mean - 2) < 0.15)
    // The same seed with another mean shifts the data and leaves θ* alone; another seed changes both.
    let shifted = try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, mean: 0, seed: 4).problem()
    #expect(shifted.truth == problem.truth)
    #expect(distance(shifted.design.elements.map { $0 + 2 }, problem.design.elements) < 1e-15)
    #expect(
      try SyntheticProblem(samples: 20, features: 30, nonzeros: 3, mean: 0, seed: 5).problem().design != shifted.design)
    for (n, d, s) in [(0, 3, 1), (3, 0, 0), (2, 3, 4), (2, 3, -1)] {
      #expect(throws: InvalidInput.self) { try SyntheticProblem(samples: n, features: d, nonzeros: s, seed: 1) }
    }
  }

  /// The stream is fixed for ever: the first numbers of a small problem, to the last bit.
  @Test func syntheticBitsAreFixed() throws {
    let problem = try SyntheticProblem(samples: 1, features: 4, nonzeros: 2, seed: 1).problem()
    #expect(problem.design.elements == Self.firstNormals, "\(problem.design.elements)")
    #expect(problem.truth == Self.firstTruth, "\(problem.truth ?? [])")
  }

  @Test func standardization() throws {
    let raw = try Instances.problem(8, 3, seed: 20)
    let problem = try raw.standardized()
    #expect(abs(problem.response.reduce(0, +)) < 1e-14)
    for j in 0..<3 {
      let column = (0..<8).map { problem.design[$0, j] }
      #expect(abs(column.reduce(0, +)) < 1e-14)
      #expect(abs(column.reduce(0) { $0 + $1 * $1 } / 8 - 1) < 1e-14)
    }
    let constant = try RegressionProblem(
      name: "c", design: DesignMatrix(rows: 3, columns: 2, elements: [1, 0.1, 2, 0.1, 4, 0.1]), response: [1, 2, 3],
      featureNames: ["good", "flat"])
    do {
      _ = try constant.standardized()
      Issue.record("accepted a constant column")
    } catch {
      #expect("\(error)".contains("\"flat\""))
    }
  }

  /// The rounding noise of a long constant column's mean is not mistaken for variation.
  @Test func longConstantColumn() throws {
    let problem = try RegressionProblem(
      name: "c", design: DesignMatrix(rows: 1000, columns: 1, elements: [Double](repeating: 0.1, count: 1000)),
      response: (0..<1000).map { Double($0) })
    #expect(throws: InvalidInput.self) { try problem.standardized() }
  }

  @Test func holdOut() throws {
    let raw = try Instances.problem(10, 3, seed: 21)
    let problem = try raw.holdingOut(0.25, seed: 9)
    guard case .heldOut(let x, let y) = problem.test else {
      Issue.record("nothing held out")
      return
    }
    // round(2.5) = 3 (away from zero).
    #expect(x.rows == 3 && problem.sampleCount == 7)
    #expect((problem.response + y).sorted() == raw.response.sorted())
    #expect(try raw.holdingOut(0.25, seed: 9).response == problem.response)
    #expect(try raw.holdingOut(0.25, seed: 10).response != problem.response)
    let theta = [0.5, -1, 2]
    let expected = zip(x.times(theta), y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 3
    #expect(abs((problem.testError(theta) ?? .nan) - expected) < 1e-14)
    // Standardisation uses the training rows' numbers for the rows held out.
    let standard = try problem.standardized()
    guard case .heldOut(let sx, _) = standard.test else { return }
    let column = (0..<7).map { problem.design[$0, 1] }
    let mean = column.reduce(0, +) / 7
    let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7).squareRoot()
    #expect(abs(sx[0, 1] - (x[0, 1] - mean) / deviation) < 1e-14)
    for fraction in [-0.1, 1, 0.99, .nan] {
      #expect(throws: InvalidInput.self) { try raw.holdingOut(fraction, seed: 1) }
    }
  }

  @Test func testErrors() throws {
    let problem = try SyntheticProblem(samples: 3, features: 4, nonzeros: 2, mean: 3, seed: 2).problem()
    var theta = problem.truth ?? []
    #expect(problem.testError(theta) == 0)
    theta[0] += 1
    theta[1] += 2
    // ‖δ‖² + M²(1ᵀδ)² = 5 + 9·9
    #expect(abs((problem.testError(theta) ?? 0) - 86) < 1e-12)
    #expect(try Instances.problem(2, 2, seed: 1).testError([0, 0]) == nil)
  }

  @Test func presetsLoad() throws {
    for preset in Preset.all {
      let problem = try Preset.named(preset.name).synthetic(seed: 1).problem()
      #expect(problem.sampleCount == preset.samples && problem.featureCount == preset.features)
      #expect(try Initialization(alpha: preset.alpha, features: preset.features).alpha == preset.alpha)
    }
    #expect(throws: InvalidInput.self) { try Preset.named("nobody-1900") }
  }

  @Test func realData() throws {
    let leukemia = try RegressionProblem(tableAt: "\(checkout)data/leukemia.csv", target: "lineage").standardized()
    #expect(leukemia.sampleCount == 128 && leukemia.featureCount == 2000)
    #expect(try RowSpace(leukemia.design).rank == 127)
    let gasoline = try RegressionProblem(tableAt: "\(checkout)data/gasoline.csv", target: "octane").standardized()
    #expect(gasoline.sampleCount == 60 && gasoline.featureCount == 401)
    let space = try RowSpace(gasoline.design)
    #expect(space.rank == 59)
    #expect(abs(space.singularValues[0] - 131) < 1 && abs(space.singularValues[58] - 0.34) < 0.01)
  }

  private static let firstNormals = [
    -0.6439554998483783, -0.1807944064681747, 1.5434068085363088, -0.3788463132177486,
  ]
  private static let firstTruth = [0.0, -1, -1, 0]
}
