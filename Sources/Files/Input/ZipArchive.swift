import CZip
import Dynamics

/// A zip archive on a disk: the names of its members, and their contents unpacked, check sums verified.
final class ZipArchive {
  let path: String
  /// The names of the members, in the order of the archive's directory.
  let names: [String]
  private let archive: OpaquePointer

  /// Opens the archive at `path`. Throws `InvalidInput` when its directory is damaged or cut off.
  init(_ path: String) throws(InvalidInput) {
    var code: CInt = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      let reason = String(cString: zip_error_strerror(&error))
      zip_error_fini(&error)
      throw InvalidInput(
        path, because: "it is a zip archive that cannot be opened (\(reason))", remedy: "copy or write it anew")
    }
    self.archive = archive
    self.path = path
    names = (0..<zip_get_num_entries(archive, 0)).compactMap { index in
      zip_get_name(archive, zip_uint64_t(index), 0).map { String(cString: $0) }
    }
  }

  deinit { zip_discard(archive) }

  /// The contents of member number `index` of `names`. Throws `InvalidInput` when it is encrypted or packed in an unknown way.
  func member(_ index: Int) throws(InvalidInput) -> any ByteReader {
    let name = names[index].hasSuffix(".npy") ? String(names[index].dropLast(4)) : names[index]
    guard let file = zip_fopen_index(archive, zip_uint64_t(index), 0) else {
      throw InvalidInput(
        "\(path):\(name)", because: "it cannot be unpacked (\(String(cString: zip_strerror(archive))))",
        remedy: "write the archive anew, as with numpy.savez")
    }
    return Member(self, file, "\(path):\(name)")
  }

  private final class Member: ByteReader {
    let place: String
    private let archive: ZipArchive
    private let file: OpaquePointer

    init(_ archive: ZipArchive, _ file: OpaquePointer, _ place: String) {
      (self.archive, self.file, self.place) = (archive, file, place)
    }

    deinit { zip_fclose(file) }

    func read(into target: UnsafeMutableRawBufferPointer) throws(InvalidInput) -> Int {
      var filled = 0
      while filled < target.count, let base = target.baseAddress {
        let count = zip_fread(file, base + filled, zip_uint64_t(target.count - filled))
        guard count >= 0 else {
          // One message has one "error:", the tool's own.
          let reason = String(cString: zip_file_strerror(file)).replacing("error: ", with: "error, ")
          throw InvalidInput(
            place, because: "it is damaged (\(reason))",
            remedy: "copy or write it anew")
        }
        if count == 0 { break }
        filled += Int(count)
      }
      return filled
    }
  }
}
