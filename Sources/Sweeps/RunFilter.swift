import Dynamics

/// A condition on a setting of a run, such as beta<0.9.
public struct RunFilter: Sendable, Equatable {
  private enum Comparison: String, CaseIterable {
    // Longer ones first: they are looked for in this order.
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case different = "!="
    case same = "=="
    case equal = "="
    case less = "<"
    case greater = ">"
  }

  private let setting: Setting
  private let comparison: Comparison
  private let value: SettingValue

  /// Reads NAME=VALUE, or with !=, <, <=, >, >= in its place. Throws `InvalidInput` for another form, or a name that the
  /// study does not know.
  public init(_ text: String, _ study: Study) throws(InvalidInput) {
    let option: Message = "\(.filter, text)"
    let text = text.filter { $0 != " " }
    for comparison in Comparison.allCases {
      guard let range = text.firstRange(of: comparison.rawValue) else { continue }
      let name = String(text[..<range.lowerBound])
      guard let setting = Setting(rawValue: name), study.has(setting) else {
        throw InvalidInput(
          option, because: "\(name) is no setting of the study",
          remedy: "choose among " + Setting.allCases.filter(study.has).map(\.rawValue).joined(separator: ", "))
      }
      do {
        value = try setting.number(String(text[range.upperBound...])).value
      } catch {
        throw InvalidInput(
          option, because: "what stands after \(comparison.rawValue) is no number: \(error.reason)",
          remedy: error.remedy)
      }
      (self.setting, self.comparison) = (setting, comparison)
      return
    }
    throw InvalidInput(option, because: "it compares nothing", remedy: "write for example beta<0.9 or seed=3")
  }

  package func admits(_ settings: Settings) -> Bool {
    guard let own = settings[exactly: setting] else { return false }
    return switch comparison {
    case .lessOrEqual: own <= value
    case .greaterOrEqual: own >= value
    case .different: own != value
    case .equal, .same: own == value
    case .less: own < value
    case .greater: own > value
    }
  }
}
