import Foundation

/// Tables of cases that a Python with NumPy, netCDF4 and xarray makes: files in a folder of their own, and what others read
/// in them.
public enum PythonCases {
  /// That Python; nil when `MGF_PYTHON` names none.
  public static let python = ProcessInfo.processInfo.environment["MGF_PYTHON"]

  /// Runs `script` with the path of a new folder; the cases that it prints as JSON.
  public static func make<Case: Decodable>(_ script: String) throws -> [Case] {
    let folder = try temporaryFolder()
    let (source, output) = (folder + "/make.py", folder + "/cases.json")
    try Data(script.utf8).write(to: URL(filePath: source))
    try Data().write(to: URL(filePath: output))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python ?? "python3", source, folder]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableRuntimeMismatch) }
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: output)))
  }
}
