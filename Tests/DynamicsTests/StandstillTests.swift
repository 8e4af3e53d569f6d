import Dynamics
import Testing

/// A step that adds nothing to the time ends an integration.
@Suite struct StandstillTests {
  /// Stands still from t = 3 on.
  private final class Stuck: Stepper {
    let dimension = 1
    private(set) var time = 0.0
    private let memory = Workspace()
    private let values: UnsafeMutablePointer<Double>
    var state: UnsafePointer<Double> { UnsafePointer(values) }
    var rate: UnsafePointer<Double> { UnsafePointer(values) }
    var statistics: Statistics { Statistics() }
    var hasDenseOutput: Bool { true }
    init() { values = memory.zeros(1) }
    func step(notBeyond limit: Double) { time = min(time + 1, 3, limit) }
    func overwrite(_ coordinate: Int, with value: Double, isRestart: Bool) { values[coordinate] = value }
    func segment() -> Segment { Segment(dimension: 1, degree: 1) }
    func segment(of coordinates: Range<Int>) -> Segment { segment() }
    func refinedState(
      at t: Double, into state: UnsafeMutablePointer<Double>, rate: UnsafeMutablePointer<Double>?
    ) {}
  }

  @Test(.timeLimit(.minutes(1))) func standstill() {
    let stepper = Stuck()
    do {
      _ = try integrate(stepper, until: 10)
      Issue.record("it came to its end")
    } catch {
      #expect(error.partial.outcome == .stepTooSmall && error.partial.time == 3)
    }
  }

  /// A budget that is spent exactly at the end has sufficed.
  @Test func budget() throws {
    let stepper = Stuck()
    let meter = WorkMeter(try WorkLimit(passes: 1))
    meter.charge(1)
    let done = try integrate(
      stepper, until: 1, stoppingWhen: [.spending(on: meter, until: 1) { meter.verdict }])
    // At the start there is a way to go.
    #expect(done.outcome == .maxWork && done.time == 0)
    let more = try integrate(
      stepper, until: 1, stoppingWhen: [.spending(on: meter, until: 0) { meter.verdict }])
    #expect(more.outcome == .reached)
  }
}
