#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Figure {
  /// Draws the figure to `path` (SVG, PNG or PDF by its ending) through a temporary name.
  ///
  /// Throws `ExportError` when gnuplot is missing or fails.
  public func write(to path: String) throws(ExportError) {
    guard system("command -v gnuplot >/dev/null 2>&1") == 0 else {
      throw ExportError(.failed, path, "gnuplot is not installed; on Debian: apt-get install gnuplot-nox")
    }
    try OutputFile.write(path) { temporary throws(ExportError) in
      guard let pipe = popen("gnuplot >/dev/null 2>&1", "w") else {
        throw ExportError(.failed, path, "gnuplot cannot be started: \(OutputFile.lastError())")
      }
      var text = script(to: temporary)
      let complete = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, pipe) == $0.count }
      let status = pclose(pipe)
      guard complete, status == 0 else {
        throw ExportError(.failed, path, "gnuplot could not draw it (status \(status)); is the disk full?")
      }
    }
  }
}
