import ArgumentParser
import Dynamics
import Experiments
import Files

/// The command line tool. Its contract: results on standard output, everything else on standard error; exit 0 when the
/// result is what was asked for, 1 when it could not be delivered, 64 for unusable options or input, 130 after Ctrl-C.
@main
struct MGF: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mgf",
    abstract: "Momentum and gradient flow on diagonal linear networks, continuous and discrete.",
    discussion: """
      Solves gradient flow and momentum gradient flow λẅ + ẇ + ∇F(w) = 0 on two-layer diagonal linear networks \
      θ = u⊙v, runs momentum gradient descent at matched λ = γ/(1−β)², and measures how far the two are apart \
      and which solution each of them finds.

      Example: mgf solve --gaussian 20,30,3 --lambda 1 --until 100
      """,
    version: Provenance.version,
    subcommands: [
      Solve.self, Descend.self, Compare.self, Limit.self, Certify.self, Thresholds.self, SweepCommand.self,
      StudyCommand.self, Presets.self, Demo.self, RunCommand.self, RerunCommand.self, Explore.self,
      ReportCommand.self,
    ])

  static func main() {
    Interrupt.install()
    prepareLibraries()
    do {
      try requireKnownCommand()
      var command = try parseAsRoot()
      try command.run()
    } catch let error where Team.leavesWordToRankZero() {
      exit(withError: ExitCode(code(of: error)))
    } catch let error as InvalidInput {
      complain(error.text(.commandLine))
      exit(withError: ExitCode(64))
    } catch let error as ExportError {
      complain(error.text)
      exit(withError: ExitCode(error.kind.exitCode))
    } catch {
      exit(withError: error)
    }
  }

  private static func code(of error: any Error) -> Int32 {
    switch error {
    case is InvalidInput: 64
    case let error as ExportError: error.kind.exitCode
    default: exitCode(for: error).rawValue
    }
  }

  /// A first word that is no command gets an answer that names those there are.
  private static func requireKnownCommand() throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName ?? "\($0)".lowercased() }
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), word != "help",
      !names.contains(word)
    else { return }
    throw InvalidInput(
      word, because: "there is no command of that name",
      remedy: "choose one of " + names.joined(separator: ", "))
  }
}
