import Networks

/// A flow with a loss of classification as it stood at the end of a decade of time.
struct Decade {
  let time: Double
  let loss: Double
  let margins: Margins
  /// ‖θ/‖θ‖ − θ′/‖θ′‖‖ (ℓ2) from the decade before; nil for the first.
  let directionChange: Double?
  let steps: Int

  var json: JSONValue {
    var row = JSONObject([
      "time": .number(time), "steps": .integer(steps), "loss": .number(loss), "theta_l1": .number(margins.norms.l1),
    ])
    row.set("margin_l1", margins.l1, otherwise: "θ is zero")
    row.set("margin_l2", margins.l2, otherwise: "θ is zero")
    row.set("direction_change", directionChange, otherwise: "the first decade")
    return .object(row)
  }
}
