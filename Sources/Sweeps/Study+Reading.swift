import Dynamics

extension Study {
  /// Reads a study file. Throws `InvalidInput` with file, line and column.
  public init(contentsOf path: String) throws(InvalidInput) {
    self = try StudyFile.read(path)
  }

  /// Reads a study from text, for messages named `path`.
  public init(yaml: String, path: String = "study") throws(InvalidInput) {
    self = try StudyFile(path: path).study(StudyDocument(yaml, path: path))
  }

  /// Overrides a setting: `value` is a number, several separated by commas, or a range linear:from,to,count (log,
  /// complement). A number fixes it; several make it an axis (in the place of the axis it was).
  ///
  /// Unless `isLast`, more follow, and `validate()` is to be called after the last of them.
  public mutating func set(_ name: String, _ value: String, isLast: Bool = true) throws(InvalidInput) {
    let option: Message = "\(.set, "\(name)=\(value)")"
    guard let setting = Setting(rawValue: name) else {
      throw InvalidInput(
        option, because: "there is no setting of that name",
        remedy: "choose among " + Setting.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let spacing = Axis.Spacing.allCases.first { value.hasPrefix($0.rawValue + ":") }
    let numbers = value.dropFirst(spacing.map { $0.rawValue.count + 1 } ?? 0).split(
      separator: ",", omittingEmptySubsequences: false
    )
    let axis: Axis
    var values: [NumberText] = []
    for number in numbers {
      do {
        values.append(try setting.number(String(number)))
      } catch {
        throw InvalidInput(
          option, because: "the value is not understood: \(error.reason)",
          remedy: error.remedy
            ?? "give a number, several separated by commas, linear:, log: or complement:from,to,count")
      }
    }
    guard spacing == nil || values.count == 3 else {
      throw InvalidInput(
        option, because: "the value is not understood",
        remedy: "give a number, several separated by commas, linear:, log: or complement:from,to,count")
    }
    for (number, text) in zip(values, numbers).prefix(spacing == nil ? values.count : 2) {
      if let complaint = setting.complaint(number) {
        throw InvalidInput(option, because: "\(text) cannot be used: \(complaint)")
      }
    }
    do throws(InvalidInput) {
      if let spacing {
        let count = values[2].value.double
        guard count == count.rounded(), abs(count) < 1e9 else {
          throw InvalidInput(option, because: "the number of values must be whole")
        }
        axis = try .range(setting, from: values[0].value, to: values[1].value, count: Int(count), spacing)
      } else {
        axis = try Axis(setting, values.map(\.value))
      }
    } catch {
      throw error.of(option)
    }
    if let g = groups.firstIndex(where: { $0.contains { $0.setting == setting } }) {
      guard groups[g].count == 1 || groups[g][0].values.count == axis.values.count else {
        throw InvalidInput(option, because: "a zipped axis must keep its number of values")
      }
      groups[g] = groups[g].map { $0.setting == setting ? axis : $0 }
    } else if axis.values.count == 1 {
      fixed[exactly: setting] = axis.values[0]
    } else {
      fixed[setting] = nil
      groups.append([axis])
    }
    origin.options[setting] = option
    guard isLast else { return }
    do {
      try validate()
    } catch {
      // Unless it is said of this very option, as it is when the value itself is at fault.
      throw error.subject.description.hasPrefix(option.description) ? error : error.of("\(option): \(error.subject)")
    }
  }
}
