// swift-tools-version: 6.1

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "sdl",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "BinlogProtocol", targets: ["BinlogProtocol"]),
        .library(name: "MongoSink", targets: ["MongoSink"]),
        .executable(name: "sdl", targets: ["sdl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibMongoC", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CLibDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CProcessControl"),
        .target(
            name: "BinlogProtocol", dependencies: ["COpenSSL", "CLibDeflate", "CZstd"],
            swiftSettings: strict),
        .target(
            name: "MongoSink", dependencies: ["BinlogProtocol", "CLibMongoC", "COpenSSL"],
            swiftSettings: strict),
        .executableTarget(
            name: "sdl",
            dependencies: [
                "BinlogProtocol", "MongoSink", "CProcessControl",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "follow-changes", dependencies: ["BinlogProtocol"],
            path: "Examples/FollowChanges", swiftSettings: strict),
        .executableTarget(
            name: "follow-blocking", dependencies: ["BinlogProtocol"],
            path: "Examples/FollowBlocking", swiftSettings: strict),
        .executableTarget(
            name: "decode-file", dependencies: ["BinlogProtocol"], path: "Examples/DecodeFile",
            swiftSettings: strict),
        .executableTarget(
            name: "decode-benchmark", dependencies: ["BinlogProtocol", "MongoSink"],
            path: "Benchmarks/Decode", swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["BinlogProtocol", "MongoSink"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "BinlogProtocolTests",
            dependencies: ["BinlogProtocol", "COpenSSL", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "MongoSinkTests", dependencies: ["MongoSink", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SDLTests",
            dependencies: [
                "sdl", "BinlogProtocol", "MongoSink", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests", dependencies: ["BinlogProtocol", "MongoSink", "TestSupport"],
            swiftSettings: strict),
    ]
)
