import Descent
import Dynamics
import Experiments
import Files
import Foundation
import ImplicitBias
import Networks

/// What each thread of a sweep does: runs in lanes where the method and the study allow it, else one at a time.
///
/// Which of the two is a matter of the study alone, so that the bits of a result do not depend on what is still to be done.
struct SweepWorker: Sendable {
  private let study: Study
  private let folder: String
  private let shared: SharedState

  init(_ study: Study, folder: String, _ shared: SharedState) {
    self.study = study
    self.folder = folder
    self.shared = shared
  }

  func work(on group: ProblemGroup) {
    switch group.setup(study) {
    case .failure(let error):
      while let index = group.next() { shared.put(index, Measurements(failure: Message(error.description))) }
    case .success(let setup):
      if study.usesLanes {
        workInLanes(on: group, setup)
      } else {
        while !shared.isStopped, let index = group.next() {
          do throws(InvalidInput) {
            let run = try Run(study, index, setup)
            deliver(run, run.result(shared.monitor))
          } catch {
            shared.put(index, Measurements(failure: Message(error.description)))
          }
        }
      }
    }
  }

  private func deliver(_ run: Run, _ result: Measurements) {
    // What was left on the way is not there: the next start does it anew.
    guard result.outcome != .interrupted else { return }
    var result = result
    if let samples = study.samples, !result.hasFailed {
      do {
        result.trajectory = try writeTrajectory(run, result, samples)
        if result.trajectory == nil { return }
      } catch {
        result.outcome = nil
        result.failure = "the trajectory cannot be written: \(error)"
      }
    }
    shared.put(run.index, result)
  }

  /// Runs once more to the same end, recording; nil when stopped.
  private func writeTrajectory(_ run: Run, _ result: Measurements, _ samples: Int) throws -> String? {
    let experiment = try run.recording(result, samples: samples)
    guard let report = try experiment.run(on: run.setup, monitor: shared.monitor), !report.isInterrupted,
      let record = report.record
    else { return nil }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // By the axes' values: a number changes its meaning when an axis is extended.
    let values = study.axes.map { "\($0.setting.rawValue)=\($0.setting.text(run.settings[exactly: $0.setting] ?? 0))" }
    let name = (values.isEmpty ? "run" : values.joined(separator: ",")) + ".nc"
    try record.write(
      to: folder + "/" + name, title: "Run \(run.index) of study \(study.name)",
      provenance: Provenance(
        arguments: CommandLine.arguments, seed: run.setup.seed, reading: run.setup.reading, experiment: experiment),
      setup: run.setup,
      report)
    return name
  }

  // MARK: Lanes

  /// A run in a lane.
  private final class Member {
    let run: Run
    let settings: DescentSettings
    let criterion: ProjectionCriterion?
    let handOver: TailHandOver?
    let responseFloor: Double
    let began: ContinuousClock.Instant

    init(
      run: Run, settings: DescentSettings, criterion: ProjectionCriterion?, handOver: TailHandOver?,
      responseFloor: Double, began: ContinuousClock.Instant
    ) {
      self.run = run
      self.settings = settings
      self.criterion = criterion
      self.handOver = handOver
      self.responseFloor = responseFloor
      self.began = began
    }
  }

  private func workInLanes(on group: ProblemGroup, _ setup: Setup) {
    let method: DescentSettings.Method = study.method == .nesterov ? .nesterov : .heavyBall
    let looks: LookSchedule = study.has(.deltaTolerance) ? .sparse : study.has(.residual) ? .every(1) : .every(1024)
    // Below this the residual is rounding, as in a run by itself.
    let floor = 0x1p-51 * setup.problem.response.maximumMagnitude
    let clock = ContinuousClock()
    DescentBatch<Member>(group.tiles(setup.problem), method).run(
      looks,
      next: {
        while !shared.isStopped, let index = group.next() {
          do throws(InvalidInput) {
            let run = try Run(study, index, setup)
            try run.requireSolvable()
            // Lanes read all rows: small minibatches are faster by themselves.
            guard let settings = run.descent,
              4 * (settings.batches?.size ?? setup.problem.sampleCount) >= setup.problem.sampleCount
            else {
              deliver(run, run.result(shared.monitor))
              continue
            }
            let criteria = run.limitCriteria
            let member = Member(
              run: run, settings: settings,
              criterion: criteria.map {
                ProjectionCriterion(
                  run.setup, settings.motion(samples: setup.problem.sampleCount), tolerance: $0.deltaTolerance,
                  monitor: shared.monitor)
              }, handOver: criteria.flatMap { TailHandOver(run.setup, settings, $0, monitor: shared.monitor) },
              responseFloor: floor, began: clock.now)
            return DescentBatch.Job(
              member, settings: settings, start: run.setup.start,
              maximum: min(run.maximum, run.affordable))
          } catch {
            shared.put(index, Measurements(failure: Message(error.description)))
          }
        }
        return nil
      },
      judge: judge,
      finished: { standing, outcome in
        let seconds = (clock.now - standing.job.tag.began).inSeconds / Double(NetworkBatch.laneCount)
        finish(standing, outcome, seconds)
      }, isStopped: { shared.isStopped })
  }

  /// The same questions in the same order as a run by itself asks.
  private func judge(_ standing: DescentBatch<Member>.Standing) -> Outcome? {
    let member = standing.job.tag
    if let criterion = member.criterion {
      let settings = member.settings
      let energy = standing.loss + 0.25 * settings.lambda * standing.incrementSquares / (settings.step * settings.step)
      let isMet =
        criterion.isMet(
          Double(standing.iteration), time: Double(standing.iteration) * settings.step, energy: energy
        ) { state(standing) }
        || member.handOver?.isFound(standing.iteration) {
          SlowTail.Iterate(
            standing.iteration, weights: standing.weights, increments: standing.increments,
            gradientIntegral: standing.gradientIntegral)
        } ?? false
      if isMet { return .residual }
    } else if let residual = member.run.residual {
      if standing.residualMax <= residual { return .residual }
    } else {
      return standing.iteration >= standing.job.maximum ? end(member, .reached) : nil
    }
    if standing.iteration >= standing.job.maximum { return end(member, .maxIterations) }
    return standing.residualMax <= member.responseFloor ? .stationary : nil
  }

  /// `outcome` of a run that has come to its last iteration, unless that is the last one it may pay for.
  private func end(_ member: Member, _ outcome: Outcome) -> Outcome {
    member.run.maximum > member.run.affordable ? .maxWork : outcome
  }

  private func state(_ standing: DescentBatch<Member>.Standing) -> ProjectionCriterion.State {
    ProjectionCriterion.State(
      weights: standing.weights, rates: standing.increments, gradientIntegral: standing.gradientIntegral,
      stateError: LimitRun.stateError(iterations: standing.iteration), balanceCheck: nil, needsSecondRun: false)
  }

  private func finish(_ standing: DescentBatch<Member>.Standing, _ outcome: Outcome, _ seconds: Double) {
    let member = standing.job.tag
    let run = member.run
    // By itself such a run ends at its last finite iterate, which a lane has passed.
    guard outcome != .diverged else { return deliver(run, run.result(shared.monitor)) }
    var result = Measurements(outcome)
    result.iterations = standing.iteration
    result.passes = standing.iteration
    let time = Double(standing.iteration) * member.settings.step
    if let found = member.handOver?.result, let criteria = run.limitCriteria {
      result = run.result(of: found, criteria)
      result.passes = standing.iteration + found.passes
    } else if let criterion = member.criterion {
      do throws(InvalidInput) {
        let limit = try criterion.project(Double(standing.iteration), state(standing))
        result.outcome = LimitRun.outcome(outcome, criterion.accepts(limit))
        result.time = time
        result.loss = standing.loss
        result.residualMax = standing.residualMax
        result.describe(limit, error: limit.balancednessError, run.setup.problem, isLimit: true)
        if let criteria = run.limitCriteria {
          result.require(deltaError: limit.balancednessError, criteria.deltaTolerance)
        }
      } catch {
        result = Measurements(failure: Message(error.description))
        result.iterations = standing.iteration
        result.passes = standing.iteration
      }
    } else {
      run.describeEnd(
        &result, member.settings.motion(samples: run.setup.problem.sampleCount), time: time, loss: standing.loss,
        residualMax: standing.residualMax,
        weights: standing.weights, rates: standing.increments, gradientIntegral: standing.gradientIntegral,
        stateError: LimitRun.stateError(iterations: standing.iteration))
    }
    result.wallSeconds = seconds
    deliver(run, result)
  }
}
