import Testing
import mgf_bench

/// What counts as a slow-down.
@Suite struct RatioGuardTests {
  private let known = """
    # A comment.
    section,case,ratio
    kernels,n 20 d 30 sides 1 ratio,2
    taylor,n 20 lambda 1 ratio,3
    """

  @Test func whatIsWorseIsNamed() throws {
    let known = try RatioGuard(known)
    #expect(known.stored.map(\.value) == [2, 3])
    func complaints(_ value: Double, _ name: String = "n 20 d 30 sides 1 ratio") -> [String] {
      known.complaints([RatioGuard.Ratio("kernels", name, value)], allowance: 1.25)
    }
    #expect(complaints(1.7).isEmpty && complaints(10).isEmpty)
    #expect(
      complaints(1.5) == [
        "kernels: n 20 d 30 sides 1 ratio is 1.5, and was 2: worse by 1.33, more than the 1.25 allowed"
      ])
    #expect(complaints(.nan).count == 1 && complaints(2, "n 7").first?.contains("is not stored") == true)
  }

  @Test func mediansOfRuns() {
    func runs(_ values: [Double]) -> [[RatioGuard.Ratio]] { values.map { [RatioGuard.Ratio("s", "c", $0)] } }
    #expect(RatioGuard.medians(runs([3, 1, 2])) == [RatioGuard.Ratio("s", "c", 2)])
  }

  @Test(arguments: ["kernels,n 20", "kernels,n 20,two", "kernels,n 20,-1"])
  func faultyFiles(_ line: String) {
    #expect(throws: (any Error).self) { try RatioGuard("section,case,ratio\n" + line) }
  }
}
