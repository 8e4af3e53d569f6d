import Dynamics

/// The most bytes of recorded states that a run keeps in memory before it stops with what it has.
let recordingLimit = 4_000_000_000

/// Why a run stopped that reached `recordingLimit`.
let recordingLimitReached: Message =
  "recording every step has filled 4 GB; the run was stopped there: add \(.recordedSamples, "N") or \(.recordedTimes) to record less"

/// Throws `InvalidInput` when `states` states of `numbers` numbers exceed `recordingLimit`.
func requireRecordable(_ states: Double, numbers: Int) throws(InvalidInput) {
  let bytes = 8 * states * Double(numbers)
  guard bytes <= Double(recordingLimit) else {
    throw InvalidInput(
      "recorded states",
      because: "they would take about \(short(bytes / 1e9)) GB where \(recordingLimit / 1_000_000_000)"
        + " GB are allowed", remedy: "record fewer with \(.recordedSamples, "N") or \(.recordedTimes)")
  }
}
