// swift-tools-version: 6.2

import PackageDescription

/// Said once for every target. Names that the compiler does not know are ignored in silence, so `scripts/check`
/// holds them against `swiftc -print-supported-features`.
let sharedSettings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0470-isolated-conformances.md
    .enableUpcomingFeature("InferIsolatedConformances"),
]

/// A consumer of the cache core says `traits: []` and fetches neither SwiftNIO nor an HTTP stack.
let redis: TargetDependencyCondition = .when(traits: ["Redis"])!
let service: TargetDependencyCondition = .when(traits: ["Service"])!
let hummingbird: TargetDependencyCondition = .when(traits: ["Hummingbird"])!
let telemetry: TargetDependencyCondition = .when(traits: ["Telemetry"])!

let package = Package(
    name: "recuerde",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Recuerde", targets: ["Recuerde"]),
        .library(name: "RecuerdeRedis", targets: ["RecuerdeRedis"]),
        .library(name: "RecuerdeRedisTelemetry", targets: ["RecuerdeRedisTelemetry"]),
        .library(name: "RecuerdeAI", targets: ["RecuerdeAI"]),
        .library(name: "RecuerdeHummingbird", targets: ["RecuerdeHummingbird"]),
        .library(name: "RecuerdeServer", targets: ["RecuerdeServer"]),
        .library(name: "RecuerdeTesting", targets: ["RecuerdeTesting"]),
        .executable(name: "recuerde", targets: ["RecuerdeMain"]),
    ],
    traits: [
        .default(enabledTraits: ["Redis", "Service"]),
        .trait(name: "Redis", description: "The Redis client and remote tier (SwiftNIO, NIOSSL)."),
        .trait(
            name: "Service",
            description: "The AI service, its HTTP server and the command line (AsyncHTTPClient, Hummingbird).",
            enabledTraits: ["Redis", "Telemetry", "Hummingbird"]
        ),
        .trait(name: "Hummingbird", description: "A cache of responses as a middleware of Hummingbird."),
        .trait(
            name: "Telemetry",
            description: "Metrics and spans of Redis clients (swift-metrics, swift-distributed-tracing).",
            enabledTraits: ["Redis"]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        // Redis
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        // Telemetry
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        // Service
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: [.defaults]),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin.git", from: "1.5.0"),
    ],
    targets: [
        // The system's own, for DEFLATE: part of macOS, and a package that the Swift toolchain asks for on Linux.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"])]),
        .target(
            name: "Recuerde",
            dependencies: [
                "CZlib",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeRedis",
            dependencies: [
                "Recuerde",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections", condition: redis),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: redis),
                .product(name: "NIOPosix", package: "swift-nio", condition: redis),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio", condition: redis),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: redis),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeRedisTelemetry",
            dependencies: [
                "Recuerde",
                "RecuerdeRedis",
                .product(name: "CoreMetrics", package: "swift-metrics", condition: telemetry),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing", condition: telemetry),
            ],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeAI",
            dependencies: [
                "Recuerde",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: service),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
            ],
            resources: [.embedInCode("Usage/prices.json")],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeHummingbird",
            dependencies: [
                "Recuerde",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: hummingbird),
                .product(name: "Hummingbird", package: "hummingbird", condition: hummingbird),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: hummingbird),
            ],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeServer",
            dependencies: [
                "Recuerde",
                "RecuerdeAI",
                .product(name: "CoreMetrics", package: "swift-metrics", condition: service),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: service),
                .product(name: "Hummingbird", package: "hummingbird", condition: service),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Resources/openapi.json")],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeCommands",
            dependencies: [
                "Recuerde",
                "RecuerdeAI",
                "RecuerdeRedis",
                "RecuerdeRedisTelemetry",
                "RecuerdeServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: service),
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: service),
                .product(name: "Configuration", package: "swift-configuration", condition: service),
                .product(name: "Hummingbird", package: "hummingbird", condition: service),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio", condition: service),
                .product(name: "NIOPosix", package: "swift-nio", condition: service),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: service),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: sharedSettings
        ),
        .executableTarget(
            name: "RecuerdeMain",
            dependencies: ["RecuerdeCommands"],
            swiftSettings: sharedSettings
        ),
        .target(
            name: "RecuerdeTesting",
            dependencies: [
                "Recuerde",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeTests",
            dependencies: [
                "Recuerde", "RecuerdeTesting",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeRedisTests",
            dependencies: [
                "Recuerde", "RecuerdeRedis", "RecuerdeTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeRedisTelemetryTests",
            dependencies: [
                "Recuerde", "RecuerdeRedis", "RecuerdeRedisTelemetry", "RecuerdeTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeAITests",
            dependencies: [
                "Recuerde", "RecuerdeAI", "RecuerdeTesting",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeHummingbirdTests",
            dependencies: [
                "Recuerde", "RecuerdeHummingbird", "RecuerdeTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeServerTests",
            dependencies: [
                "Recuerde", "RecuerdeAI", "RecuerdeServer", "RecuerdeTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "RecuerdeCommandsTests",
            dependencies: [
                "RecuerdeCommands", "RecuerdeServer", "RecuerdeTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                "Recuerde", "RecuerdeAI", "RecuerdeRedis",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "ModelTests",
            dependencies: ["Recuerde", "RecuerdeTesting"],
            swiftSettings: sharedSettings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Recuerde", "RecuerdeRedis", "RecuerdeTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: sharedSettings
        ),
    ],
    swiftLanguageModes: [.v6]
)
