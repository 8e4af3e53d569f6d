#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Buffered output that remembers the first error.
package final class FileWriter {
  private let stream: UnsafeMutablePointer<FILE>
  private let path: String
  private var failure: String?
  private var isOpen = true

  package init(_ path: String) throws(ExportError) {
    guard let stream = fopen(path, "w") else {
      throw ExportError(.failed, path, "it cannot be created: \(OutputFile.lastError())")
    }
    self.stream = stream
    self.path = path
  }

  deinit { if isOpen { fclose(stream) } }

  package func put(_ text: String) {
    var text = text
    text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
  }

  package func put(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, !bytes.isEmpty else { return }
    if fwrite(bytes.baseAddress, 1, bytes.count, stream) != bytes.count { failure = OutputFile.lastError() }
  }

  package func close() throws(ExportError) {
    isOpen = false
    let closed = fclose(stream) == 0
    if let failure { throw ExportError(.failed, path, "writing failed: \(failure)") }
    guard closed else { throw ExportError(.failed, path, "writing failed: \(OutputFile.lastError())") }
  }
}
