import Experiments

/// Prints what `make bench` promises and writes it as CSV. All rivals run in this process, alternating with ours.
///
/// Arguments: the folder for the CSV files, then the sections to run (all when none is named), or `diagram` to draw
/// anew what is there, or `large` for the problem of 8 GB.
@main
struct Benchmarks {
  static func main() throws {
    prepareLibraries()
    let arguments = CommandLine.arguments.dropFirst()
    let folder = arguments.first ?? "."
    let chosen = arguments.dropFirst()
    if chosen.first == "large" { return try LargeBenchmark.run(folder) }
    if chosen.first == "diagram" { return try WorkPrecisionBenchmark.draw(folder) }
    for section in Section.all(folder) where chosen.isEmpty || chosen.contains(section.name) {
      print("\n\(section.title)")
      let table = try section.table()
      table.print()
      try table.write(to: "\(folder)/\(section.name).csv")
      print("written: \(folder)/\(section.name).csv")
    }
  }
}

/// One table of the benchmark.
struct Section {
  let name: String
  let title: String
  let table: () throws -> Table

  static func all(_ folder: String) -> [Section] {
    [
      Section(
        name: "kernels", title: "Gradient in one pass over X against two OpenBLAS dgemv a right-hand side, one thread"
      ) { Table(KernelBenchmark.header, try KernelBenchmark.rows()) },
      Section(name: "memory", title: "The same from memory: X of 1 GB, against reading it alone") {
        Table(KernelBenchmark.memoryHeader, try KernelBenchmark.memoryRows())
      },
      Section(
        name: "taylor",
        title: "Taylor against rk8pd, each at its loosest tolerance with an error of at most 1e-14, one thread"
      ) { Table(TaylorBenchmark.header, try TaylorBenchmark.rows()) },
      Section(name: "limits", title: "Limit by projection, Δ∞ to 1e-9, against rk8pd to residual 1e-13, one thread") {
        Table(LimitBenchmark.header, try LimitBenchmark.rows())
      },
      Section(name: "residual", title: "From t = 0 to residual 1e-9, α = 1e-3, λ = 1, rtol 1e-9, one thread") {
        Table(ResidualBenchmark.header, try ResidualBenchmark.rows())
      },
      Section(name: "work-precision", title: "Time and gradient passes against error on five problems, one thread") {
        let table = Table(
          WorkPrecisionBenchmark.header, try WorkPrecisionBenchmark.rows(writingProblemsTo: "\(folder)/problems"))
        try table.write(to: "\(folder)/work-precision.csv")
        try WorkPrecisionBenchmark.draw(folder)
        return table
      },
      Section(name: "descent", title: "Heavy ball: one trajectory, and maps of (γ, β) pairs") {
        Table(DescentBenchmark.header, try DescentBenchmark.rows())
      },
      Section(name: "steppers", title: "Time and gradient passes against error: 113-bit tables of data/reference") {
        Table(StepperBenchmark.header, try StepperBenchmark.rows())
      },
    ]
  }
}
