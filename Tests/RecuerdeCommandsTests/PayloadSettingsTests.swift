import AsyncHTTPClient
import Logging
import Recuerde
import Testing

@testable import RecuerdeCommands

/// How the settings of compression, encryption and hidden names reach the cache.
@Suite struct PayloadSettingsTests {
    private static let secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    private func payload(_ environment: [String: String]) throws -> PayloadConfiguration {
        let settings = try Settings(SettingsReader(environment: environment))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try ServiceAssembly(settings: settings, logger: logger).cacheConfiguration().payload
    }

    @Test func compressionIsOnAndTheRestOffUnlessSaid() throws {
        let payload = try payload([:])
        #expect(payload.compression == PayloadCompression())
        #expect(payload.encryption.policy == .off && payload.encryption.writingKey == nil)
        #expect(payload.keyHashing == nil)
    }

    @Test func compressionFollowsItsSettings() throws {
        #expect(try payload(["RECUERDE_COMPRESSION": "false"]).compression == nil)
        #expect(try payload(["RECUERDE_COMPRESSION_BYTES": "1000"]).compression == .from(1_000))
        // No contradiction is made of a default.
        #expect(try payload(["REDIS_CACHE_FORMAT": "plain"]).compression == nil)
    }

    @Test(arguments: [(nil, "new"), ("new", "new"), ("old", "old")]) func oneKeyWritesAndAllRead(
        id: String?,
        writing: String
    ) throws {
        var environment = ["RECUERDE_ENCRYPTION": "required"]
        environment["RECUERDE_ENCRYPTION_KEYS"] = "new:\(Self.secret), old:\(Self.secret)\n"
        environment["RECUERDE_ENCRYPTION_KEY_ID"] = id
        let encryption = try payload(environment).encryption
        #expect(encryption.policy == .required && encryption.keys.map(\.id) == ["new", "old"])
        #expect(encryption.writingKey?.id == writing)
    }

    @Test func keysAreReadBeforeAnythingIsEncrypted() throws {
        let encryption = try payload(["RECUERDE_ENCRYPTION_KEYS": "a:b:\(Self.secret)"]).encryption
        #expect(encryption.policy == .off && encryption.keys.map(\.id) == ["a:b"] && encryption.writingKey == nil)
    }

    @Test func namesAreHidden() throws {
        #expect(try payload(["RECUERDE_NAME_SECRET": Self.secret]).keyHashing != nil)
    }
}
