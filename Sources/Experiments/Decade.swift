import Networks

/// A flow with a loss of classification as it stood at the end of a decade of time.
struct Decade {
  let time: Double
  let loss: Double
  let margins: Margins
  /// ‖θ/‖θ‖ − θ′/‖θ′‖‖ (ℓ2) from the decade before; nil for the first.
  let directionChange: Double?
  let steps: Int

  var measurement: Measurements {
    var row = Measurements()
    (row.time, row.steps, row.loss, row.thetaL1) = (time, steps, loss, margins.norms.l1)
    row.set(\.marginL1, margins.l1, otherwise: "θ is zero")
    row.set(\.marginL2, margins.l2, otherwise: "θ is zero")
    row.set(\.directionChange, directionChange, otherwise: "the first decade")
    return row
  }
}
