/// How values of other versions of their types' schemas are read by one cache; goes before what the types themselves say.
public struct CacheSchemaUpgrades: Sendable {
    private struct Upgrade<Value: Sendable>: Sendable {
        var make: @Sendable (CachedPayload) throws -> Value?
    }

    private var upgrades: [ObjectIdentifier: any Sendable] = [:]

    /// None.
    public init() {}

    /// Says how values of a type are made of what was stored in another version; takes the place of what was said before.
    ///
    /// - Parameters:
    ///   - type: The type that is read.
    ///   - upgrade: Makes the value; nil, or an error, for a miss. See ``CacheSchemaVersioned/upgraded(fromCached:)``.
    public mutating func add<Value: Sendable>(
        for type: Value.Type,
        _ upgrade: @escaping @Sendable (_ old: CachedPayload) throws -> Value?
    ) {
        upgrades[ObjectIdentifier(type)] = Upgrade(make: upgrade)
    }

    /// The value of this type; nil where there is none.
    func upgraded<Value: Sendable>(_ type: Value.Type, from old: CachedPayload) -> Value? {
        if let upgrade = upgrades[ObjectIdentifier(type)] as? Upgrade<Value> {
            guard let value = try? upgrade.make(old) else { return nil }
            return value
        }
        func ask<Versioned: CacheSchemaVersioned>(_ type: Versioned.Type) -> Value? {
            guard let value = try? Versioned.upgraded(fromCached: old) else { return nil }
            return value as? Value
        }
        guard let versioned = type as? any CacheSchemaVersioned.Type else { return nil }
        return ask(versioned)
    }
}
