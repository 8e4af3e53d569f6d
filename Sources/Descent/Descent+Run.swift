import Dynamics

/// Which iterates a run keeps.
public enum IterateRecording: Sendable, Equatable {
  /// The first and the last.
  case endpoints
  /// All.
  case every
  /// The listed iterations, increasing.
  case at([Int])
  /// `count` spread evenly over the iterations, first and last included.
  case even(count: Int)
  /// `count` spread evenly in ln(1 + t) over a run whose end is not known before, first and last included.
  case logarithmic(count: Int)
}

/// The end of a run of the discrete method.
public struct DescentResult {
  /// How it ended.
  public let outcome: Outcome
  /// The recorded iterates.
  public let iterates: Iterates
  /// The iteration at which it was found to diverge.
  public let divergedAt: Int?
  /// The sign changes of coordinates between consecutive iterates, timed by linear interpolation.
  public let occurrences: [Occurrence]
}

extension Descent {
  /// Iterates until `residualTolerance` is met (tested as `looks` says; with minibatches every epoch) or
  /// `maximum` iterations are done.
  ///
  /// - Parameters:
  ///   - maximum: the number of iterations allowed; reaching it is `.reached`, or `.maxIterations` when a residual
  ///     tolerance was asked for.
  ///   - affordable: the number of iterations after which a run that is to go on ends with `.maxWork`.
  ///   - recording: which iterates to keep.
  ///   - residualTolerance: stop as soon as ‖Xθ − y‖∞ is at most this; nil to run all iterations.
  ///   - settled: asked once the residual is small; the run goes on until it agrees.
  ///   - everyIteration: called after each iteration; nil leaves the iterations to one loop.
  ///   - observe: called at least every 256 iterations, at multiples of 256 among others; an outcome ends the run.
  /// - Returns: the outcome and the iterates. When the run diverges, it ends at the last iterate that is finite.
  public func run(
    iterations maximum: Int, atMost affordable: Int = .max, recording: IterateRecording = .endpoints,
    residualTolerance: Double? = nil,
    looks: LookSchedule = .every(1), settled: (Descent) -> Bool = { _ in true },
    everyIteration: ((Descent) -> Void)? = nil, observe: (Descent) -> Outcome? = { _ in nil }
  ) -> DescentResult {
    var iterates = Iterates(step: settings.step)
    var wanted: ArraySlice<Int> = []
    switch recording {
    case .at(let list): wanted = list[...]
    case .even(let count):
      let parts = min(max(count - 1, 1), max(maximum, 1))
      var list: [Int] = []
      for j in 0...parts {
        let k = Int((Double(j) / Double(parts) * Double(maximum)).rounded())
        if list.last != k { list.append(k) }
      }
      wanted = list[...]
    case .every, .endpoints, .logarithmic: break
    }
    func record(last: Bool = false) {
      let isNew = iterates.iterations.last != iteration
      switch recording {
      case .every: if isNew { iterates.append(self) }
      case .logarithmic(let count):
        if isNew { iterates.append(self) }
        if last {
          iterates.thin(to: count)
        } else if iterates.iterations.count > 8 * count {
          iterates.thin(to: 4 * count)
        }
      case .endpoints: if isNew, last || iteration == 0 { iterates.append(self) }
      case .at:
        while let next = wanted.first, next <= iteration {
          wanted.removeFirst()
          if next == iteration { iterates.append(self) }
        }
      case .even:
        while let next = wanted.first, next <= iteration {
          wanted.removeFirst()
          if iterates.iterations.last != iteration { iterates.append(self) }
        }
        if last, iterates.iterations.last != iteration { iterates.append(self) }
      }
    }
    let looks = settings.epoch(network.problem.sampleCount) ?? looks
    // Below this the residual is rounding: iterating on would move nothing but the last digits.
    let floor = 0x1p-51 * network.problem.response.maximumMagnitude
    var tracker = IterateSignTracker(self)
    /// The next iteration at which something is to be looked at.
    func boundary() -> Int {
      if everyIteration != nil { return iteration + 1 }
      var next = min(maximum, affordable, (iteration / 256 + 1) * 256)
      if residualTolerance != nil { next = min(next, looks.next(after: iteration)) }
      switch recording {
      case .every, .logarithmic: next = min(next, iteration + 1)
      case .at, .even: if let first = wanted.first { next = min(next, max(first, iteration + 1)) }
      case .endpoints: break
      }
      return next
    }

    record()
    while true {
      if let residualTolerance, looks.isDue(iteration) || iteration == maximum || iteration == affordable,
        residualMax() <= residualTolerance, settled(self)
      {
        return finish(.residual)
      }
      if iteration >= maximum {
        return finish(residualTolerance == nil ? .reached : .maxIterations)
      }
      if residualTolerance != nil, looks.isDue(iteration), residualMax() <= floor {
        return finish(.stationary)
      }
      if iteration >= affordable { return finish(.maxWork) }
      advance(atMost: boundary() - iteration)
      if hasDiverged {
        let at = iteration
        retreat()
        return finish(.diverged, divergedAt: at)
      }
      tracker.observe(self)
      everyIteration?(self)
      record()
      if let outcome = observe(self) { return finish(outcome) }
    }

    func finish(_ outcome: Outcome, divergedAt: Int? = nil) -> DescentResult {
      record(last: true)
      return DescentResult(
        outcome: outcome, iterates: iterates, divergedAt: divergedAt,
        occurrences: tracker.occurrences.sorted { ($0.time, $0.coordinate) < ($1.time, $1.coordinate) })
    }
  }
}

/// Finds the coordinates whose sign differs between consecutive iterates.
private struct IterateSignTracker {
  private(set) var occurrences: [Occurrence] = []
  private var signs: [Int8]

  init(_ descent: Descent) {
    signs = (0..<descent.network.dimension).map {
      let w = descent.weight($0)
      return w > 0 ? 1 : (w < 0 ? -1 : 0)
    }
  }

  mutating func observe(_ descent: Descent) {
    let step = descent.settings.step
    descent.forEachWeight { i, w in
      let now: Int8 = w > 0 ? 1 : (w < 0 ? -1 : signs[i])
      guard now != signs[i] else { return }
      if signs[i] != 0 {
        let increment = descent.increment(i)
        let fraction = increment == 0 ? 0 : w / increment
        occurrences.append(Occurrence(coordinate: i, time: descent.time - fraction * step, direction: Int(now)))
      }
      signs[i] = now
    }
  }
}
