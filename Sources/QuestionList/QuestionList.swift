import Foundation
import PackagePlugin

/// Writes the list of all questions from the files that state them, so that a new question is one new file.
@main
struct QuestionList: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let output = context.pluginWorkDirectoryURL.appending(path: "list")
    // The file changes only when the list does.
    let script = """
      mkdir -p "$2"
      { echo '/// One of each kind, as the files name them.'
        echo 'let everyQuestion: [any Question] = ['
        sed -n 's/^public struct \\([A-Za-z]*\\): Question {.*/  \\1(),/p' "$1"/*.swift
        echo ']'; } > "$2/list.new"
      if cmp -s "$2/list.new" "$2/everyQuestion.swift"; then rm "$2/list.new"; else mv "$2/list.new" "$2/everyQuestion.swift"; fi
      """
    return [
      .prebuildCommand(
        displayName: "List the questions", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", script, "list", target.directoryURL.path(), output.path()], outputFilesDirectory: output)
    ]
  }
}
