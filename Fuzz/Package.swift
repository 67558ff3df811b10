// swift-tools-version: 6.1

// The decoders and the fuzzer in one package of their own: instrumented, in a build directory of their own, and without
// anything to fetch. `Sources` is a link to the project's sources, so that they are the same package and `package` is seen.
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "sdl-fuzz",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sdl-fuzz", targets: ["sdl-fuzz"])],
    targets: [
        .systemLibrary(name: "CLibMongoC", pkgConfig: "libmongoc-1.0"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CLibDeflate", pkgConfig: "libdeflate"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(
            name: "BinlogProtocol", dependencies: ["COpenSSL", "CLibDeflate", "CZstd"],
            swiftSettings: strict),
        .target(
            name: "MongoSink", dependencies: ["BinlogProtocol", "CLibMongoC", "COpenSSL"],
            swiftSettings: strict),
        .executableTarget(
            name: "sdl-fuzz",
            dependencies: ["BinlogProtocol", "MongoSink", "CLibDeflate", "CZstd"],
            path: "Targets", swiftSettings: strict),
    ]
)
