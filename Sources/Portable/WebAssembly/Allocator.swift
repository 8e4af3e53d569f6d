// Memory for the WebAssembly module: blocks of 2ᵏ bytes, freed ones kept in a list for each k, so that memory stays flat over many
// runs. A block is preceded by 16 bytes with its k.

@_extern(c, "llvm.wasm.memory.grow.i32")
private func growMemory(_ index: Int32, _ pages: Int32) -> Int32

private enum Heap {
  /// Where the heads of the lists stand; 0 before the first use.
  nonisolated(unsafe) static var heads: UInt = 0
  /// What is free behind all blocks.
  nonisolated(unsafe) static var next: UInt = 0
  nonisolated(unsafe) static var end: UInt = 0

  static func word(_ address: UInt) -> UnsafeMutablePointer<UInt32>? {
    UnsafeMutableRawPointer(bitPattern: address)?.assumingMemoryBound(to: UInt32.self)
  }

  /// Room for `size` bytes behind all blocks; 0 where there is none.
  static func extend(_ size: UInt) -> UInt {
    if next + size > end {
      // A megabyte at least, and an eighth of what there is.
      let pages = max((next + size - end + 0xffff) >> 16, 16 + (end >> 19))
      let first = growMemory(0, Int32(pages))
      guard first >= 0 else { return 0 }
      if end == 0 { next = UInt(first) << 16 }
      end = (UInt(first) + pages) << 16
    }
    defer { next += size }
    return next
  }

  static func allocate(_ size: UInt) -> UInt {
    if heads == 0 {
      heads = extend(128)
      for k in 0..<32 { word(heads + 4 * UInt(k))?.pointee = 0 }
    }
    var k: UInt = 5
    while (1 << k) < size + 16 { k += 1 }
    guard let head = word(heads + 4 * k) else { return 0 }
    if head.pointee != 0 {
      let block = UInt(head.pointee)
      head.pointee = word(block)?.pointee ?? 0
      return block
    }
    let block = extend(1 << k)
    guard block != 0 else { return 0 }
    word(block)?.pointee = UInt32(k)
    return block + 16
  }

  static func free(_ block: UInt) {
    guard let k = word(block - 16)?.pointee, let head = word(heads + 4 * UInt(k)) else { return }
    word(block)?.pointee = head.pointee
    head.pointee = UInt32(block)
  }
}

@_cdecl("posix_memalign")
func allocateAligned(
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ alignment: UInt, _ size: UInt
) -> Int32 {
  let block = alignment <= 16 ? Heap.allocate(size) : 0
  result.pointee = UnsafeMutableRawPointer(bitPattern: block)
  return block == 0 ? 12 : 0
}

@_cdecl("__wrap_free")
func free(_ pointer: UnsafeMutableRawPointer?) {
  if let pointer { Heap.free(UInt(bitPattern: pointer)) }
}
