// swift-tools-version: 6.2
// The rooms of mspd and who may use whom. Tests/TidyTests reads every import and holds it to this.

import PackageDescription

/// Applied to every Swift target of ours, tests included.
let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

/// With MSPD_STATIC set the program carries the Swift runtime.
///
/// A linker setting of the program alone, because tests cannot be linked so and a flag for all
/// would compile everything twice.
let staticRuntime: [LinkerSetting] =
    Context.environment["MSPD_STATIC"] == nil
    ? []
    : [
        .unsafeFlags(["-static-stdlib"]),
        .linkedLibrary("_FoundationCShims"), .linkedLibrary("_FoundationCollections"),
        .linkedLibrary("swiftSynchronization"),
    ]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "mspd",
    products: [.executable(name: "mspd", targets: ["mspd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg",
            providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .target(name: "CUnicode", linkerSettings: [.linkedLibrary("icuuc")]),
        .target(name: "CKernels"),
        .target(name: "CProcess"),

        .target(name: "Storage", dependencies: ["CLZ4", "CZstd", "CKernels"]),
        .target(name: "TextIndex", dependencies: ["Storage", "CUnicode", "CStemmer", "CKernels"]),
        .target(name: "VectorIndex", dependencies: ["Storage", "CKernels"]),
        .target(name: "Segments", dependencies: ["Storage", "TextIndex", "VectorIndex"]),
        .target(name: "Media", dependencies: ["CTurboJPEG"]),
        .target(
            name: "Gateway",
            dependencies: ["Storage", "Segments", "TextIndex", "VectorIndex", "Media"]),
        .target(name: "Encoders", dependencies: ["CProcess"]),
        .target(name: "Net", dependencies: nio),
        .executableTarget(
            name: "mspd",
            dependencies: [
                "Gateway", "Net", "Encoders", "Segments", "Media", "TextIndex", "VectorIndex",
                "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            linkerSettings: staticRuntime),

        .target(name: "TestSupport", dependencies: ["Storage"], path: "Tests/TestSupport"),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "TestSupport"]),
        .testTarget(name: "TextIndexTests", dependencies: ["TextIndex", "TestSupport"]),
        .testTarget(name: "VectorIndexTests", dependencies: ["VectorIndex", "TestSupport"]),
        .testTarget(name: "SegmentsTests", dependencies: ["Segments", "TestSupport"]),
        .testTarget(name: "MediaTests", dependencies: ["Media", "TestSupport"]),
        .testTarget(name: "GatewayTests", dependencies: ["Gateway", "TestSupport"]),
        .testTarget(name: "NetTests", dependencies: ["Net", "TestSupport"]),
        .testTarget(name: "EncodersTests", dependencies: ["mspd", "Encoders"]),
        .testTarget(name: "ServerTests", dependencies: ["mspd", "Net", "Storage", "TestSupport"]),
        .testTarget(name: "TidyTests"),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where ![.system, .plugin, .binary].contains(target.type) {
    guard !target.name.hasPrefix("C") else { continue }
    target.swiftSettings = settings
}
