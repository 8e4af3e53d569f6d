import CMomentumFlow
import Files
import Synchronization

/// An object that holds named arrays, made when they are first asked for.
class ArrayHandle: Handle, @unchecked Sendable {
  private let made = Mutex<ArrayList?>(nil)

  /// What they are made of.
  var dataset: ArrayDataset { ArrayDataset(dimensions: [], arrays: []) }

  private var list: ArrayList {
    made.withLock { made in
      let list = made ?? ArrayList(dataset)
      made = list
      return list
    }
  }

  /// How many arrays the object behind a pointer holds.
  static func count(_ pointer: OpaquePointer?) -> Int64 { Int64(of(pointer)?.list.arrays.count ?? 0) }

  /// Hands out one of them; 0, or -1 where there is none of that number.
  static func copy(_ pointer: OpaquePointer?, _ index: Int64, to array: UnsafeMutablePointer<mf_array>?) -> CInt {
    guard let arrays = of(pointer)?.list.arrays, let array, let index = Int(exactly: index),
      arrays.indices.contains(index)
    else { return -1 }
    array.pointee = arrays[index]
    return 0
  }
}

/// Named arrays as C reads them: their numbers and texts stay where they are while this does.
final class ArrayList: @unchecked Sendable {
  private(set) var arrays: [mf_array] = []
  private var texts: [Text] = []
  private var memory: [UnsafeMutableRawPointer] = []

  init(_ dataset: ArrayDataset) {
    let lengths = Dictionary(dataset.dimensions.map { ($0.name, $0.count) }) { first, _ in first }
    for array in dataset.arrays {
      let shape = array.dimensions.map { lengths[$0] ?? array.values.count }
      switch array.values {
      case .reals(let values): append(array, MF_REAL, shape, copy(values))
      case .integers(let values): append(array, MF_INTEGER, shape, copy(values.map { Int64($0) }))
      case .unsigned(let values): append(array, MF_INTEGER, shape, copy(values.map { Int64(truncatingIfNeeded: $0) }))
      case .strings(let values): append(array, MF_TEXT, shape, copy(values.map { text($0) }))
      }
    }
  }

  private func append(_ array: NamedArray, _ kind: mf_kind, _ shape: [Int], _ data: UnsafeRawPointer) {
    func attribute(_ name: String) -> String? {
      if case .text(let text)? = array.attributes.first(where: { $0.name == name })?.value { text } else { nil }
    }
    let names = array.dimensions.map { Optional(text($0)) } + [nil, nil]
    let lengths = shape.map { Int64($0) } + [1, 1]
    arrays.append(
      mf_array(
        name: text(array.name), long_name: text(attribute("long_name") ?? array.name),
        units: attribute("units").map { text($0) }, kind: kind, rank: Int32(array.dimensions.count),
        shape: (lengths[0], lengths[1]), dimensions: (names[0], names[1]), data: data))
  }

  private func text(_ value: String) -> UnsafePointer<CChar> {
    texts.append(Text(value))
    return texts[texts.count - 1].pointer
  }

  private func copy<T>(_ values: [T]) -> UnsafeRawPointer {
    let place = UnsafeMutablePointer<T>.allocate(capacity: max(values.count, 1))
    for (index, value) in values.enumerated() { (place + index).initialize(to: value) }
    memory.append(UnsafeMutableRawPointer(place))
    return UnsafeRawPointer(place)
  }

  deinit { for place in memory { place.deallocate() } }
}
