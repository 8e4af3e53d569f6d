import Dynamics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file's bytes in memory, read when they are looked at and never copied; the system takes the room back when it needs it.
/// Or as many bytes that something else is unpacked to.
///
/// At least 64 bytes behind the end can be read, too: they are zero. The file must not be cut short while it is mapped.
package final class MappedFile: @unchecked Sendable {
  let base: UnsafeRawPointer
  private let reserved: Int
  private let isFile: Bool

  /// As many bytes of memory, filled by `reader`. Throws `InvalidInput` when it has fewer or more of them.
  init(_ reader: any ByteReader, count: Int) throws(InvalidInput) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    reserved = (count + page - 1) / page * page + page
    isFile = false
    let room = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let room, room != MAP_FAILED else {
      throw InvalidInput(reader.place, because: "there is no memory for its \(count) bytes")
    }
    base = UnsafeRawPointer(room)
    let got = try reader.read(into: UnsafeMutableRawBufferPointer(start: room, count: count))
    guard got == count else {
      throw InvalidInput(
        reader.place, because: "it is cut short: \(got) bytes where its header announces \(count)",
        remedy: "copy or write it anew")
    }
    guard try reader.next(1).isEmpty else {
      throw InvalidInput(reader.place, because: "more bytes follow its array", remedy: "save one array a file")
    }
  }

  /// Maps the first `count` bytes of the file at `path`. Throws `InvalidInput`.
  init(_ path: String, count: Int) throws(InvalidInput) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    isFile = true
    let size = (count + page - 1) / page * page
    // Room for one page more, which stays empty, so that whole vectors can be read at the end.
    reserved = size + page
    let file = open(path, O_RDONLY)
    defer { if file >= 0 { close(file) } }
    guard file >= 0 else {
      throw InvalidInput(path, because: "it cannot be read", remedy: "check its permissions")
    }
    let room = mmap(nil, reserved, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let room, room != MAP_FAILED else {
      throw InvalidInput(path, because: "there is no room for its \(count) bytes among the addresses")
    }
    guard mmap(room, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == room else {
      munmap(room, reserved)
      throw InvalidInput(
        path, because: "it cannot be mapped into memory: \(String(cString: strerror(errno)))",
        remedy: "copy it to a local disk")
    }
    base = UnsafeRawPointer(room)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: base), reserved) }

  /// Says that the bytes before `offset` are not looked at soon again: they leave the process's memory.
  package func release(upTo offset: Int) {
    guard isFile else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    madvise(UnsafeMutableRawPointer(mutating: base), offset / page * page, MADV_DONTNEED)
  }
}
