// swift-tools-version: 6.2
import PackageDescription

let real = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "MomentumFlow",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "mgf", targets: ["mgf"]),
    .library(
      name: "MomentumFlow",
      targets: [
        "RandomStreams", "Dynamics", "LinearAlgebra", "TaylorSteppers", "ImplicitSteppers", "AutoSteppers",
        "GSLSteppers",
        "GradientDynamics",
        "DiagonalNetworks", "Descent",
        "ImplicitBias",
        "Comparison", "Experiments", "Export", "MessagePassing", "Sweeps", "Questions",
      ]),
  ],
  traits: [.trait(name: "MPI", description: "Sweeps and single runs over the processes of an MPI job (Open MPI).")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .systemLibrary(name: "CGSL", providers: [.apt(["libgsl-dev"])]),
    .systemLibrary(name: "CGLPK", providers: [.apt(["libglpk-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CNetCDF"),
    .target(name: "CZip"),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "CMPI", cSettings: [.define("MPI", .when(traits: ["MPI"]))],
      linkerSettings: [.linkedLibrary("mpi", .when(traits: ["MPI"]))]),
    .target(name: "CKernels"),
    .target(name: "MessagePassing", dependencies: ["CMPI", "Dynamics"]),
    .target(name: "RandomStreams"),
    .target(name: "Dynamics", dependencies: [real]),
    .target(name: "LinearAlgebra", dependencies: ["CKernels", "COpenBLAS", "Dynamics"]),
    .target(name: "TaylorSteppers", dependencies: ["Dynamics", real]),
    .target(name: "ImplicitSteppers", dependencies: ["Dynamics", "LinearAlgebra", real]),
    .target(name: "AutoSteppers", dependencies: ["Dynamics", "ImplicitSteppers", "TaylorSteppers"]),
    .target(name: "GSLSteppers", dependencies: ["CGSL", "Dynamics", real]),
    .target(name: "GradientDynamics", dependencies: ["Dynamics"]),
    .target(
      name: "DiagonalNetworks",
      dependencies: [
        "CKernels", "CZip", "CZlib", "Dynamics", "GradientDynamics", "LinearAlgebra", "RandomStreams", real,
      ]),
    .target(
      name: "Descent", dependencies: ["DiagonalNetworks", "Dynamics", "LinearAlgebra", "RandomStreams", real]),
    .target(name: "ImplicitBias", dependencies: ["CGLPK", "DiagonalNetworks", "Dynamics", "LinearAlgebra", real]),
    .target(
      name: "Comparison",
      dependencies: [
        "Descent", "DiagonalNetworks", "Dynamics", "GradientDynamics", "ImplicitBias", "RandomStreams", real,
      ]),
    .target(name: "Export", dependencies: ["CNetCDF"]),
    .target(
      name: "Experiments",
      dependencies: [
        "CNetCDF", "Comparison", "Descent", "DiagonalNetworks", "Dynamics", "Export", "GSLSteppers",
        "GradientDynamics", "AutoSteppers", "ImplicitBias", "ImplicitSteppers", "LinearAlgebra",
        "TaylorSteppers", real,
      ],
      plugins: ["BuildStamp"]),
    .target(
      name: "Sweeps",
      dependencies: [
        "Descent", "DiagonalNetworks", "Dynamics", "Experiments", "Export", "ImplicitBias", "LinearAlgebra",
        "MessagePassing", "RandomStreams", real,
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Questions",
      dependencies: [
        "Comparison", "DiagonalNetworks", "Dynamics", "Experiments", "Export", "ImplicitBias", "Sweeps", real,
      ],
      plugins: ["QuestionList"]),
    .executableTarget(
      name: "mgf",
      dependencies: [
        "Questions", "Sweeps",
        "Descent", "DiagonalNetworks", "Dynamics", "Experiments", "Export", "MessagePassing", real,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "first-flow", dependencies: ["DiagonalNetworks", "Experiments", "Export"], path: "Sources/FirstFlow"),
    .executableTarget(
      name: "mgf-bench",
      dependencies: [
        "Descent", "DiagonalNetworks", "Dynamics", "Experiments", "Export", "GSLSteppers",
        "AutoSteppers", "GradientDynamics", "ImplicitSteppers", "LinearAlgebra", "RandomStreams", "TaylorSteppers",
      ],
      path: "Sources/Benchmarks", exclude: ["ratios.csv"]),
    .executableTarget(
      name: "mgf-fuzz",
      dependencies: [
        "DiagonalNetworks", "Dynamics", "Experiments", "Export", "RandomStreams", "Sweeps",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Fuzzing"),
    .plugin(name: "BuildStamp", capability: .buildTool(), path: "Sources/BuildStamp"),
    .plugin(name: "QuestionList", capability: .buildTool(), path: "Sources/QuestionList"),
    .target(
      name: "TestSupport",
      dependencies: ["DiagonalNetworks", "Dynamics", "GradientDynamics", "LinearAlgebra", "RandomStreams"],
      path: "Tests/TestSupport"),
    .testTarget(name: "RandomStreamsTests", dependencies: ["RandomStreams"]),
    .testTarget(name: "DynamicsTests", dependencies: ["Dynamics", "TestSupport"]),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["DiagonalNetworks", "LinearAlgebra", "RandomStreams", "TestSupport"]),
    .testTarget(name: "GSLSteppersTests", dependencies: ["Dynamics", "GSLSteppers", "TestSupport"]),
    .testTarget(
      name: "TaylorSteppersTests",
      dependencies: [
        "DiagonalNetworks", "Dynamics", "GSLSteppers", "GradientDynamics", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "ImplicitSteppersTests",
      dependencies: [
        "Descent", "DiagonalNetworks", "Dynamics", "GSLSteppers", "GradientDynamics", "ImplicitSteppers",
        "LinearAlgebra", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "GradientDynamicsTests", dependencies: ["DiagonalNetworks", "Dynamics", "GradientDynamics", "TestSupport"]),
    .testTarget(
      name: "DiagonalNetworksTests",
      dependencies: [
        "DiagonalNetworks", "Dynamics", "GradientDynamics", "LinearAlgebra", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "DescentTests",
      dependencies: ["Descent", "DiagonalNetworks", "Dynamics", "LinearAlgebra", "RandomStreams", "TestSupport"]),
    .testTarget(
      name: "ImplicitBiasTests",
      dependencies: [
        "DiagonalNetworks", "Dynamics", "GSLSteppers", "GradientDynamics", "ImplicitBias", "LinearAlgebra",
        "TestSupport",
      ]),
    .testTarget(
      name: "ComparisonTests",
      dependencies: [
        "Comparison", "Descent", "DiagonalNetworks", "Dynamics", "Experiments", "GSLSteppers", "GradientDynamics",
        "TestSupport",
      ]),
    .testTarget(name: "ExportTests", dependencies: ["CNetCDF", "Export", "TestSupport"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Comparison", "Descent", "DiagonalNetworks", "Dynamics", "Experiments", "GSLSteppers", "GradientDynamics",
        "ImplicitBias", "LinearAlgebra", "RandomStreams", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "SweepsTests",
      dependencies: ["Descent", "DiagonalNetworks", "Dynamics", "Experiments", "Export", "Sweeps", "TestSupport"]),
    .testTarget(name: "BenchmarksTests", dependencies: ["mgf-bench"]),
    .testTarget(
      name: "QuestionsTests", dependencies: ["Dynamics", "Experiments", "Questions", "Sweeps", "TestSupport"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["first-flow", "mgf", "TestSupport"], exclude: ["Golden", "Snapshots"]),
    .testTarget(
      name: "FuzzingTests",
      dependencies: ["mgf", "mgf-fuzz", "DiagonalNetworks", "Dynamics", "Experiments", "RandomStreams", "TestSupport"],
      exclude: ["Cases", "Seeds"]),
  ],
  swiftLanguageModes: [.v6]
)
