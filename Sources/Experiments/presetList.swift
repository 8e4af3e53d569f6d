import Regression

/// The named published settings: the command `presets`.
public func presetList() -> Measurements {
  var result = Measurements()
  result.command = "presets"
  result.presets = Preset.all.map { preset in
    var row = Measurements()
    row.name = preset.name
    row.n = preset.samples
    row.d = preset.features
    row.nonzeros = preset.nonzeros
    row.mean = preset.mean
    row.alpha = preset.alpha
    row.set(\.gamma, preset.gamma, otherwise: "the source states none")
    row.set(\.beta, preset.beta, otherwise: "the source states none")
    row.source = preset.source
    row.remark = preset.remark ?? ""
    return row
  }
  return result
}
