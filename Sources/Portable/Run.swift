extension Twin {
  /// Any run, with its results as lists of numbers: what the WebAssembly module hands out, and what is compared bit for bit.
  public enum Run {
    /// The command `solve`.
    case flow(FlowRun)
    /// The command `descend`.
    case descent(DescentRun)
    /// The command `limit`.
    case limit(LimitRun)
    /// The command `compare`.
    case comparison(ComparisonRun)

    /// Goes on for `count` steps or iterations at most; true once it has come to its end.
    public func advance(_ count: Int) -> Bool {
      switch self {
      case .flow(let run): run.advance(count)
      case .descent(let run): run.advance(count)
      case .limit(let run): run.advance(count)
      case .comparison(let run): run.advance(count)
      }
    }

    /// How far it is, between 0 and 1.
    public var progress: Double {
      switch self {
      case .flow(let run): run.progress
      case .descent(let run): run.progress
      case .limit(let run): run.progress
      case .comparison(let run): run.progress
      }
    }

    /// The time or iteration reached.
    public var place: Double {
      switch self {
      case .flow(let run): run.time
      case .descent(let run): run.place
      case .limit(let run): run.place
      case .comparison(let run): run.place
      }
    }

    /// How it ended.
    public var outcome: Outcome {
      switch self {
      case .flow(let run): run.outcome
      case .descent(let run): run.outcome
      case .limit(let run): run.outcome
      case .comparison(let run): run.outcome
      }
    }

    /// Scalars first. Flows and iterates: times, w±, rates, loss, ‖r‖∞, energy, sign changes as (coordinate, time, direction), and
    /// the iterations. Limits: Δ₀, Δ∞, θ∞, θ̃₀, the regime and sign changes. Comparisons: their rows.
    public var results: [[Double]] {
      switch self {
      case .flow(let run): [run.scalars] + Self.list(run.record, run.signChanges)
      case .descent(let run):
        [run.scalars + [Double(run.divergedAt ?? 0)]] + Self.list(run.record, run.signChanges)
      case .limit(let run):
        [
          run.scalars, run.initialBalance, run.balance, run.theta, run.perturbedStart, run.regime,
          Self.list(run.signChanges),
        ]
      case .comparison(let run): [run.scalars, run.rows]
      }
    }

    private static func list(_ record: Record, _ changes: [SignChange]) -> [[Double]] {
      [
        record.times, record.weights, record.rates, record.loss, record.residualMax, record.energy, list(changes),
        record.iterations.map { Double($0) },
      ]
    }

    private static func list(_ changes: [SignChange]) -> [Double] {
      changes.flatMap { [Double($0.coordinate), $0.time, Double($0.direction)] }
    }

    /// A hash of all bits of the results (FNV-1a by words of 64 bits); what is not a number counts as one and the same.
    public var fingerprint: UInt64 {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for list in results {
        for x in list { hash = (hash ^ (x == x ? x.bitPattern : 0x7ff8_0000_0000_0000)) &* 0x100_0000_01b3 }
      }
      return hash
    }
  }
}
