// swift-tools-version: 6.2
import PackageDescription

let real = Target.Dependency.product(name: "RealModule", package: "swift-numerics")

let package = Package(
  name: "MomentumFlow",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "mgf", targets: ["mgf"]),
    .library(name: "momentumflow", type: .dynamic, targets: ["LibraryInterface"]),
    .library(
      name: "MomentumFlow",
      targets: [
        "RandomStreams", "Dynamics", "LinearAlgebra", "TaylorSteppers", "ImplicitSteppers", "AutoSteppers",
        "GSLSteppers", "Files", "Figures", "Regression", "Networks", "Descent", "ImplicitBias", "Comparison",
        "Experiments",
        "MessagePassing", "Sweeps", "Questions",
      ]),
  ],
  traits: [
    .default(enabledTraits: ["Browser"]),
    .trait(name: "Browser", description: "The explorer's server, mgf explore (SwiftNIO)."),
    .trait(name: "MPI", description: "Sweeps and single runs over the processes of an MPI job (Open MPI)."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
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
    .target(name: "Files", dependencies: ["CNetCDF", "CZip", "CZlib", "Dynamics"]),
    .target(name: "Figures", dependencies: ["Dynamics", "Files", real]),
    .target(name: "LinearAlgebra", dependencies: ["CKernels", "COpenBLAS", "Dynamics"]),
    .target(name: "TaylorSteppers", dependencies: ["Dynamics", real]),
    .target(name: "ImplicitSteppers", dependencies: ["Dynamics", "LinearAlgebra", real]),
    .target(name: "AutoSteppers", dependencies: ["Dynamics", "ImplicitSteppers", "TaylorSteppers"]),
    .target(name: "GSLSteppers", dependencies: ["CGSL", "Dynamics", real]),
    .target(name: "Regression", dependencies: ["Dynamics", "Files", "LinearAlgebra", "RandomStreams"]),
    .target(name: "Networks", dependencies: ["CKernels", "Dynamics", "LinearAlgebra", "Regression", real]),
    .target(
      name: "Descent", dependencies: ["Dynamics", "LinearAlgebra", "Networks", "RandomStreams", "Regression", real]),
    .target(
      name: "ImplicitBias", dependencies: ["CGLPK", "Dynamics", "LinearAlgebra", "Networks", "Regression", real]),
    .target(
      name: "Comparison",
      dependencies: ["Descent", "Dynamics", "ImplicitBias", "Networks", "RandomStreams", "Regression", real]),
    .target(
      name: "Experiments",
      dependencies: [
        "AutoSteppers", "Comparison", "Descent", "Dynamics", "Figures", "Files", "GSLSteppers", "ImplicitBias",
        "ImplicitSteppers", "LinearAlgebra", "Networks", "Regression", "TaylorSteppers", real,
      ],
      plugins: ["BuildStamp"]),
    .systemLibrary(name: "CMomentumFlow"),
    .target(
      name: "LibraryInterface",
      dependencies: ["CMomentumFlow", "Dynamics", "Experiments", "Files", "LinearAlgebra", "Regression"]),
    .target(
      name: "Sweeps",
      dependencies: [
        "Descent", "Dynamics", "Experiments", "Figures", "Files", "ImplicitBias", "LinearAlgebra", "MessagePassing",
        "Networks", "RandomStreams", "Regression", real,
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Questions",
      dependencies: ["Comparison", "Dynamics", "Experiments", "Figures", "Files", "ImplicitBias", "Sweeps", real],
      plugins: ["QuestionList"]),
    .target(
      name: "Loopback",
      dependencies: [
        "Dynamics", .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Browser"])),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["Browser"])),
        .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["Browser"])),
      ]),
    .target(name: "CPage"),
    .target(name: "Portable", dependencies: ["RandomStreams"], exclude: ["WebAssembly"]),
    .target(
      name: "Explorer",
      dependencies: ["CPage", "Dynamics", "Experiments", "Figures", "Files", "Loopback", "Sweeps"],
      exclude: ["Page"]),
    .target(name: "Guide"),
    .executableTarget(
      name: "mgf",
      dependencies: [
        "Descent", "Dynamics", "Experiments", "Explorer", "Figures", "Files", "MessagePassing", "Networks", "Questions",
        "Regression", "Sweeps",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "first-flow", dependencies: ["Experiments", "Figures", "Regression"],
      path: "Sources/FirstFlow"),
    .executableTarget(
      name: "mgf-bench",
      dependencies: [
        "AutoSteppers", "Descent", "Dynamics", "Experiments", "Figures", "Files", "GSLSteppers", "ImplicitSteppers",
        "LinearAlgebra", "Networks", "RandomStreams", "Regression", "TaylorSteppers",
      ],
      path: "Sources/Benchmarks", exclude: ["ratios.csv"]),
    .executableTarget(
      name: "mgf-fuzz",
      dependencies: [
        "Dynamics", "Experiments", "Files", "RandomStreams", "Sweeps",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Sources/Fuzzing"),
    .plugin(name: "BuildStamp", capability: .buildTool(), path: "Sources/BuildStamp"),
    .plugin(name: "QuestionList", capability: .buildTool(), path: "Sources/QuestionList"),
    .target(
      name: "TestSupport",
      dependencies: ["Dynamics", "Files", "LinearAlgebra", "Networks", "RandomStreams", "Regression"],
      path: "Tests/TestSupport"),
    .testTarget(name: "RandomStreamsTests", dependencies: ["RandomStreams"]),
    .testTarget(name: "DynamicsTests", dependencies: ["Dynamics", "TestSupport"]),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "RandomStreams", "Regression", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["CNetCDF", "Dynamics", "Files", "TestSupport"]),
    .testTarget(name: "FiguresTests", dependencies: ["Dynamics", "Figures", "TestSupport"]),
    .testTarget(name: "GSLSteppersTests", dependencies: ["Dynamics", "GSLSteppers", "TestSupport"]),
    .testTarget(
      name: "TaylorSteppersTests",
      dependencies: ["Dynamics", "GSLSteppers", "Networks", "Regression", "TaylorSteppers", "TestSupport"]),
    .testTarget(
      name: "ImplicitSteppersTests",
      dependencies: [
        "Descent", "Dynamics", "GSLSteppers", "ImplicitSteppers", "LinearAlgebra", "Networks", "Regression",
        "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "RegressionTests", dependencies: ["Dynamics", "Files", "LinearAlgebra", "Regression", "TestSupport"]),
    .testTarget(
      name: "NetworksTests",
      dependencies: ["Dynamics", "LinearAlgebra", "Networks", "Regression", "TaylorSteppers", "TestSupport"]),
    .testTarget(
      name: "DescentTests",
      dependencies: ["Descent", "Dynamics", "LinearAlgebra", "Networks", "RandomStreams", "Regression", "TestSupport"]),
    .testTarget(
      name: "ImplicitBiasTests",
      dependencies: [
        "Dynamics", "GSLSteppers", "ImplicitBias", "LinearAlgebra", "Networks", "Regression", "TestSupport",
      ]),
    .testTarget(
      name: "ComparisonTests",
      dependencies: [
        "Comparison", "Descent", "Dynamics", "Experiments", "GSLSteppers", "Networks", "Regression", "TestSupport",
      ]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Comparison", "Descent", "Dynamics", "Experiments", "Files", "ImplicitBias", "LinearAlgebra", "Networks",
        "RandomStreams", "Regression", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "SweepsTests",
      dependencies: ["Descent", "Dynamics", "Experiments", "Files", "Networks", "Regression", "Sweeps", "TestSupport"]),
    .testTarget(name: "BenchmarksTests", dependencies: ["mgf-bench"]),
    .testTarget(
      name: "QuestionsTests", dependencies: ["Dynamics", "Experiments", "Files", "Questions", "Sweeps", "TestSupport"]),
    .testTarget(
      name: "PortableTests",
      dependencies: [
        "Descent", "Dynamics", "Experiments", "Networks", "Portable", "RandomStreams", "Regression", "TestSupport",
        real,
      ]),
    .testTarget(name: "LoopbackTests", dependencies: ["Loopback"]),
    .testTarget(name: "WorkbenchTests", dependencies: ["Dynamics", "Experiments", "Explorer", "Files", "Regression"]),
    .testTarget(
      name: "GuideTests",
      dependencies: [
        "Descent", "Dynamics", "Experiments", "GSLSteppers", "ImplicitSteppers", "Networks", "Questions", "Regression",
        "Sweeps", "TaylorSteppers", "TestSupport",
      ]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["first-flow", "mgf", "TestSupport"],
      exclude: ["Golden", "Snapshots"]),
    .testTarget(
      name: "FuzzingTests",
      dependencies: ["mgf", "Dynamics", "Experiments", "Files", "mgf-fuzz", "RandomStreams", "TestSupport"],
      exclude: ["Cases", "Seeds"]),
  ],
  swiftLanguageModes: [.v6]
)
