// swift-tools-version: 6.2
import PackageDescription

// The arrows between modules are the architecture: data flows one way, tag → plan → steps → cluster → record → commit.
// `--explicit-target-dependency-import-check error` (see jobs/test) holds the imports to what is written here.

let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
]
let interop: [SwiftSetting] = swift + [.strictMemorySafety()]
/// The simulation makes millions of calls to these: optimised in debug builds too, it takes minutes and not an hour.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

func library(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = swift) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swift)
}

let package = Package(
  name: "tagflip",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "tagflip", targets: ["tagflip"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // What the product is.
    library("Digests", ["CLibcrypto"], settings: interop + fast),
    library("ReleaseModel", ["Digests"], settings: swift + fast),
    library("KubernetesModel"),
    // The only loop.
    library("ReleaseEngine", ["ReleaseModel", "Digests"], settings: swift + fast),
    // What carries bytes.
    // For calls that block.
    library("Threads", settings: interop),
    library("ChildProcesses", ["CLibspawn", "Threads"], settings: interop),
    library("HTTPTransport", ["CLibcurl", "Threads"], settings: interop),
    library("Signatures", ["Digests", "CLibcrypto", "ChildProcesses"], settings: interop),
    library("GitStore", ["CLibgit2", "HTTPTransport", "ChildProcesses", "Signatures", "Threads"], settings: interop),
    library("KubernetesClient", ["KubernetesModel", "HTTPTransport", "ChildProcesses"]),
    // The engine's ports, in the terms of the worlds behind them.
    library("PlanFiles", ["ReleaseEngine", "ReleaseModel", "Digests", "KubernetesModel", .product(name: "Yams", package: "Yams")]),
    library("ClusterDriver", ["ReleaseEngine", "ReleaseModel", "Digests", "KubernetesClient", "KubernetesModel"]),
    library("HealthProbes", ["ReleaseEngine", "ReleaseModel", "HTTPTransport"]),
    library("ImageRegistry", ["ReleaseEngine", "ReleaseModel", "Digests", "HTTPTransport", "ChildProcesses"]),
    library("AuditTrail", ["ReleaseEngine", "ReleaseModel", "Digests", "GitStore", "Signatures"]),
    library(
      "AuditVerification", ["AuditTrail", "ReleaseModel", "KubernetesModel", "Digests", "GitStore", "Signatures"], settings: swift + fast),
    library("Notices", ["ReleaseEngine", "ReleaseModel", "HTTPTransport"]),
    // An embedded Kubernetes API: never imports KubernetesClient, so that the API is read twice, independently.
    library(
      "RehearsalCluster",
      [
        "KubernetesModel", .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    // The command line: the composition root.
    library(
      "TagflipCommands",
      [
        "PlanFiles", "ClusterDriver", "HealthProbes", "ImageRegistry", "AuditTrail", "AuditVerification", "Notices", "ReleaseEngine",
        "ReleaseModel",
        "RehearsalCluster",
        "KubernetesClient", "KubernetesModel", "GitStore", "HTTPTransport", "ChildProcesses", "Signatures", "Digests", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(name: "tagflip", dependencies: ["TagflipCommands"], swiftSettings: swift),
    // System libraries.
    .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibspawn"),
    // What tests share: scratch directories with a shell, loopback servers, threads of their own.
    .target(name: "TestSupport", dependencies: ["CLibspawn"], path: "Tests/TestSupport", swiftSettings: swift),
    // Trails as the engine writes them, short and very long, and what they cost: jobs/bench runs it, nothing ships it.
    .target(
      name: "TrailSamples",
      dependencies: [
        "AuditTrail", "AuditVerification", "PlanFiles", "ReleaseEngine", "ReleaseModel", "Digests", "GitStore", "Signatures", "TestSupport",
      ],
      path: "Tests/TrailSamples",
      swiftSettings: swift + fast),
    .executableTarget(
      name: "TrailBench",
      dependencies: ["TrailSamples", "AuditTrail", "AuditVerification", "ReleaseEngine", "ReleaseModel", "GitStore", "HTTPTransport"],
      path: "Tests/TrailBench", swiftSettings: swift),
    // Tests, a suite per module, then what only the whole can show.
    tests("DigestsTests", ["Digests"]),
    tests("ReleaseModelTests", ["ReleaseModel", "Digests", "TestSupport"]),
    tests("KubernetesModelTests", ["KubernetesModel", "TestSupport"]),
    tests("ReleaseEngineTests", ["ReleaseEngine", "ReleaseModel", "Digests"]),
    tests("ThreadsTests", ["Threads"]),
    tests("ChildProcessesTests", ["ChildProcesses", "TestSupport"]),
    tests("HTTPTransportTests", ["HTTPTransport", "TestSupport"]),
    tests("SignaturesTests", ["Signatures", "Digests", "GitStore", "HTTPTransport", "TestSupport"]),
    tests("GitStoreTests", ["GitStore", "HTTPTransport", "TestSupport"]),
    tests(
      "KubernetesClientTests", ["KubernetesClient", "KubernetesModel", "HTTPTransport", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("PlanFilesTests", ["PlanFiles", "ReleaseEngine", "ReleaseModel", "Digests", "KubernetesModel", "HealthProbes", "TestSupport"]),
    tests(
      "ClusterDriverTests",
      [
        "ClusterDriver", "ReleaseEngine", "ReleaseModel", "Digests", "KubernetesClient", "KubernetesModel", "RehearsalCluster",
        "HTTPTransport", "TestSupport",
      ]),
    tests("HealthProbesTests", ["HealthProbes", "ReleaseEngine", "ReleaseModel", "HTTPTransport", "TestSupport"]),
    tests(
      "ImageRegistryTests",
      ["ImageRegistry", "ReleaseEngine", "ReleaseModel", "Digests", "HTTPTransport", "ChildProcesses", "TestSupport"]),
    tests(
      "AuditTrailTests",
      [
        "AuditTrail", "ReleaseEngine", "ReleaseModel", "Digests", "GitStore", "HTTPTransport", "Signatures", "TestSupport", "TrailSamples",
      ]),
    tests(
      "AuditVerificationTests",
      [
        "AuditVerification", "AuditTrail", "PlanFiles", "ReleaseEngine", "ReleaseModel", "KubernetesModel", "Digests", "GitStore",
        "HTTPTransport", "Signatures", "TestSupport", "TrailSamples",
      ]),
    tests("NoticesTests", ["Notices", "ReleaseEngine", "ReleaseModel", "HTTPTransport", "TestSupport"]),
    tests(
      "RehearsalClusterTests",
      [
        "RehearsalCluster", "KubernetesModel", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), "TestSupport",
      ],
      resources: [.copy("Fixtures")]),
    tests(
      "TagflipCommandsTests",
      [
        "TagflipCommands", "AuditVerification", "ClusterDriver", "GitStore", "PlanFiles", "ReleaseEngine", "ReleaseModel",
        "RehearsalCluster", "KubernetesModel",
        "Digests", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.copy("Fixtures")]),
    // The embedded cluster and a real API server, held against one another.
    tests("ClusterContractTests", ["KubernetesClient", "KubernetesModel", "RehearsalCluster", "HTTPTransport", "TestSupport"]),
    tests(
      "EndToEndTests", ["CLibspawn", "ClusterDriver", "KubernetesModel", "RehearsalCluster", "ReleaseModel", "Digests", "TestSupport"]),
    tests("HygieneTests", []),
  ]
)
