import RecuerdeTesting

@testable import Recuerde

extension EncryptionKey {
    /// A key whose secret follows from identifier and seed.
    static func sample(_ id: String, seed: UInt64 = 1) throws -> EncryptionKey {
        var generator = SplitMix64(seed: id.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
        return try EncryptionKey(id: id, secret: (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}

extension KeyHashing {
    static func sample(seed: UInt8 = 1) throws -> KeyHashing {
        try KeyHashing(secret: Array(repeating: seed, count: 32))
    }
}

extension PayloadPipeline {
    static func encrypting(_ key: EncryptionKey) throws -> PayloadPipeline {
        try encrypting([key])
    }

    static func encrypting(_ keys: [EncryptionKey]) throws -> PayloadPipeline {
        var configuration = CacheConfiguration()
        configuration.payload.encryption = try PayloadEncryption(.required, keys: keys)
        return PayloadPipeline(configuration)
    }
}

extension [UInt8] {
    /// Whether these bytes stand among them.
    func contains(_ piece: [UInt8]) -> Bool {
        guard count >= piece.count else { return false }
        return (0...(count - piece.count)).contains { self[$0..<($0 + piece.count)].elementsEqual(piece) }
    }

    func contains(text: String) -> Bool { contains(Array(text.utf8)) }
}

extension ScriptedRemoteTier {
    /// Everything that it holds, names included, as one run of bytes.
    var everything: [UInt8] {
        names.flatMap { Array($0.utf8) + (record($0)?.bytes ?? []) }
    }
}
