import Foundation
import PackagePlugin

/// Writes the commit of the checkout into a generated source file before each build, so that every binary can say which
/// code it was made from. The file changes only when the commit does.
@main
struct BuildStamp: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let output = context.pluginWorkDirectoryURL.appending(path: "stamp")
    let script = """
      mkdir -p "$(dirname "$2")"
      commit=$(git -C "$1" describe --always --dirty --abbrev=40 --exclude '*' 2>/dev/null || echo unknown)
      printf '/// The commit this was built from; "-dirty" when files had changed.\\nlet buildCommit = "%s"\\n' "$commit" > "$2.new"
      if cmp -s "$2.new" "$2"; then rm "$2.new"; else mv "$2.new" "$2"; fi
      """
    return [
      .prebuildCommand(
        displayName: "Stamp the commit", executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", script, "stamp", context.package.directoryURL.path(),
          output.appending(path: "BuildCommit.swift").path(),
        ],
        outputFilesDirectory: output)
    ]
  }
}
