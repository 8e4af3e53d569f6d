import Regression

/// The named published settings: the command `presets`.
public func presetList() -> JSONObject {
  var json = JSONObject()
  json["command"] = .string("presets")
  json["presets"] = .array(
    Preset.all.map { preset in
      var row = JSONObject()
      row["name"] = .string(preset.name)
      row["n"] = .integer(preset.samples)
      row["d"] = .integer(preset.features)
      row["nonzeros"] = .integer(preset.nonzeros)
      row["mean"] = .number(preset.mean)
      row["alpha"] = .number(preset.alpha)
      row.set("gamma", preset.gamma, otherwise: "the source states none")
      row.set("beta", preset.beta, otherwise: "the source states none")
      row["source"] = .string(preset.source)
      row["remark"] = preset.remark.map { .string($0) } ?? .string("")
      return .object(row)
    })
  return json
}
