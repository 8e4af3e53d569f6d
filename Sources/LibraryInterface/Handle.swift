import Synchronization

/// An object that C holds by a pointer, with the texts that were handed out of it: they live as long as it does.
class Handle: @unchecked Sendable {
  private let texts = Mutex<[String: Text]>([:])

  /// The text of a name, made when it is first asked for.
  func text(_ name: String, _ make: () -> String?) -> UnsafePointer<CChar>? {
    texts.withLock { texts in
      if let known = texts[name] { return known.pointer }
      guard let value = make() else { return nil }
      let text = Text(value)
      texts[name] = text
      return text.pointer
    }
  }

  /// The pointer that C gets; `release` gives it back.
  func retained() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// The object behind a pointer; nil for NULL.
  static func of(_ pointer: OpaquePointer?) -> Self? {
    pointer.map {
      unsafeDowncast(Unmanaged<Handle>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue(), to: Self.self)
    }
  }

  /// Gives up what C held.
  static func release(_ pointer: OpaquePointer?) {
    if let pointer { Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).release() }
  }
}

/// A text of the object behind a pointer, made when it is first asked for; NULL for NULL.
func text<Object: Handle>(
  _ pointer: OpaquePointer?, _ name: String, _ make: (Object) -> String?
) -> UnsafePointer<CChar>? {
  Object.of(pointer).flatMap { object in object.text(name) { make(object) } }
}

/// Characters that end with a zero, at one place in memory.
final class Text: @unchecked Sendable {
  let pointer: UnsafePointer<CChar>

  init(_ text: String) {
    let bytes = text.utf8CString
    let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { (memory + index).initialize(to: byte) }
    pointer = UnsafePointer(memory)
  }

  deinit { pointer.deallocate() }
}
