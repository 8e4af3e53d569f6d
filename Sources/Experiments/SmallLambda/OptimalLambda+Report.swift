extension OptimalLambda {
  /// Adds `minima`, and how they were sought: `nodes`, `resolution`, `unresolved`, runs and passes.
  func describe(in json: inout JSONObject) {
    json["minima"] = .array(
      minima.map { found in
        var object = JSONObject()
        object["lambda"] = .number(found.lambda)
        object["test_error"] = .number(found.testError)
        object["uncertainty"] = .number(found.uncertainty)
        // The stretch of λ within 1 % of that test error.
        object["width"] = .number(found.basin.upperBound - found.basin.lowerBound)
        object["kind"] = .string(found.kind.rawValue)
        return .object(object)
      })
    json["nodes"] = .integer(nodes)
    json["resolution"] = .number(resolution)
    json["unresolved"] = .array(
      unresolved.map { stretch in
        var object = JSONObject()
        object["from"] = .number(stretch.lowerBound)
        object["to"] = .number(stretch.upperBound)
        return .object(object)
      })
    json["optimal_runs"] = .integer(cost.runs)
    json["optimal_gradient_evaluations"] = .integer(cost.passes)
    json["slopes_by_differences"] = .integer(differences)
  }
}
