// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that nobody who uses the library builds it. `scripts/fuzz --libfuzzer` does, and links what it
// builds with libFuzzer.
let package = Package(
    name: "recuerde-fuzzing",
    platforms: [.macOS(.v15)],
    products: [.library(name: "FuzzedReplies", type: .static, targets: ["FuzzedReplies"])],
    dependencies: [.package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2")],
    targets: [
        .target(
            name: "FuzzedReplies",
            dependencies: [.product(name: "NIOCore", package: "swift-nio")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .enableUpcomingFeature("InferIsolatedConformances"),
                // The parser alone tells libFuzzer which of its branches an input has reached; the folder RESP is the
                // client's own.
                .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
