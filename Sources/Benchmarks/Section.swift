/// One table of the benchmark.
struct Section {
  let name: String
  let title: String
  let table: () throws -> Table
  /// Its ratios to rivals of the same run, if it has rivals: see `RatioGuard`.
  let ratios: ((Table) -> [(name: String, value: Double)])?
  /// How many times worse than stored a ratio may be.
  let allowance: Double

  init(
    _ name: String, _ title: String, allowance: Double = 1.5,
    ratios: ((Table) -> [(name: String, value: Double)])? = nil, table: @escaping () throws -> Table
  ) {
    (self.name, self.title, self.allowance, self.ratios, self.table) = (name, title, allowance, ratios, table)
  }

  static func all(_ folder: String) -> [Section] {
    [
      Section(
        "kernels", "Gradient in one pass over X against two OpenBLAS dgemv a right-hand side, one thread",
        ratios: { $0.ratios(["ratio"], by: ["n", "d", "sides"]) }
      ) { Table(KernelBenchmark.header, try KernelBenchmark.rows()) },
      Section("memory", "The same from memory: X of 1 GB, against reading it alone") {
        Table(KernelBenchmark.memoryHeader, try KernelBenchmark.memoryRows())
      },
      Section(
        "taylor", "Taylor against rk8pd, each at its loosest tolerance with an error of at most 1e-14, one thread",
        ratios: { $0.ratios(["ratio_dgemv", "ratio_kernel"], by: ["n", "d", "lambda"]) }
      ) { Table(TaylorBenchmark.header, try TaylorBenchmark.rows()) },
      Section(
        "limits", "Limit by projection, Δ∞ to 1e-9, against rk8pd to residual 1e-13, one thread", allowance: 1.3,
        ratios: { $0.ratios(["ratio_route", "ratio_dgemv", "ratio_kernel"], by: ["n", "d", "lambda", "seed"]) }
      ) { Table(LimitBenchmark.header, try LimitBenchmark.rows()) },
      Section("residual", "From t = 0 to residual 1e-9, α = 1e-3, λ = 1, rtol 1e-9, one thread") {
        Table(ResidualBenchmark.header, try ResidualBenchmark.rows())
      },
      Section("work-precision", "Time and gradient passes against error on five problems, one thread") {
        let table = Table(
          WorkPrecisionBenchmark.header, try WorkPrecisionBenchmark.rows(writingProblemsTo: "\(folder)/problems"))
        try table.write(to: "\(folder)/work-precision.csv")
        try WorkPrecisionBenchmark.draw(folder)
        return table
      },
      Section(
        "descent", "Heavy ball: one trajectory, and maps of (γ, β) pairs",
        ratios: { table in
          // Maps on two workers share the machine with whatever else runs: one is judged.
          Table(table.header, table.rows.filter { $0[1] == "1" })
            .quotients("gflops", over: "dgemm_gflops", by: ["case", "n", "d"])
        }
      ) { Table(DescentBenchmark.header, try DescentBenchmark.rows()) },
      Section("steppers", "Time and gradient passes against error: 113-bit tables of data/reference") {
        Table(StepperBenchmark.header, try StepperBenchmark.rows())
      },
    ]
  }
}
