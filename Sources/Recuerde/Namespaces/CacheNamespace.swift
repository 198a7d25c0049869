/// A part of a cache: the keys that begin with a name of their own, with defaults, statistics and a clear of their own.
///
/// ```swift
/// let users = cache.namespace("users", options: NamespaceOptions(defaults: .timeToLive(.seconds(60))))
/// let name = try await users.value(for: "7:name") { try await database.name(of: 7) }    // the cache's key `users:7:name`
/// try await users.clear()
/// ```
///
/// It is a view, and holds nothing: two of one name are the same keys. Its key `k` is the cache's key `users:k` (``key(_:)``), so what is kept under
/// one is read under the other; the namespace `foo` with the key `bar:x`, the namespace `bar` within it with the key `x`, and the cache with the key
/// `foo:bar:x` mean the same. Namespaces whose names merely begin alike, `foo` and `foobar`, have nothing in common.
///
/// All that it keeps carries its ``tag``, and the tags of the namespaces around it. What the cache itself has written under such a key carries
/// none of them, and stays when the namespace is cleared. With a remote tier and the format `plain`, whose entries carry no tags, all but ``clear(keepingStale:)``
/// works.
///
/// Where keys are longer than ``CacheKey/maximumReadableLength``, only ``key(_:)`` says what they are called in the cache, since long keys end in a hash.
///
/// A call costs what the same call of the cache with as many tags as there are namespaces around the key does, and the making of the key: make it once by
/// ``key(_:)``, and give it to the cache, where that counts. Make few namespaces, by names that the program knows, not one for each user: up to 1 000 of a
/// cache are counted apart, and their names stand in statistics, logs and labels of metrics.
public struct CacheNamespace: Sendable {
    /// The cache that it is a part of.
    public let cache: Cache
    /// What its keys begin with, before the colon; escaped, and with the names of the namespaces around it. Its statistics stand in
    /// ``CacheStatistics/perKind`` under this name.
    public let name: String
    /// What holds for calls that do not say otherwise.
    public let options: NamespaceOptions
    /// The tag that all its entries carry; no record of the application has the same (``CacheRecord/tag``).
    public var tag: String { "namespace::\(name)" }

    /// Its own and those of the namespaces around it.
    private let tags: [String]
    private let fault: CacheKey.Fault?
    private let box: CacheKey.KindBox

    init(_ name: String, in outer: CacheNamespace? = nil, of cache: Cache, options: NamespaceOptions) {
        let own = CacheKey(name)
        self.cache = cache
        self.name = outer.map { "\($0.name):\(own.text)" } ?? own.text
        self.options = options
        self.fault = outer?.fault ?? own.fault
        self.tags = (outer?.tags ?? []) + ["namespace::\(self.name)"]
        self.box = CacheKey.KindBox(CacheKind(self.name), counters: cache.counters.namespace(self.name))
    }

    /// A namespace within this one: its keys begin with both names, and a clear of this one takes them too. Options are its own.
    public func namespace(_ name: String, options: NamespaceOptions = NamespaceOptions()) -> CacheNamespace {
        CacheNamespace(name, in: self, of: cache, options: options)
    }

    /// What a key is called in the cache. It is counted where this namespace is, and kept as its own kind says, where it has one.
    ///
    /// What the cache itself is told to write under it carries no tag of the namespace, unless the call says so.
    public func key(_ key: CacheKey) -> CacheKey {
        if let fault = fault ?? key.fault { return CacheKey(fault: fault, kind: nil) }
        let named = CacheKey(escaped: "\(name):\(key.text)", isEmpty: false, kind: nil)
        return CacheKey(copying: named, kindBox: key.kind.map { CacheKey.KindBox($0, counters: box.owner) } ?? box)
    }

    /// What the options of a call become.
    func completed(_ options: EntryOptions, for key: CacheKey) -> EntryOptions {
        var options = self.options.completed(options, for: key)
        options.tags = tagged(options.tags)
        return options
    }

    /// With the tags of this namespace, where entries carry any.
    func tagged(_ tags: [String]) -> [String] {
        cache.carriesTags ? tags + self.tags.filter { !tags.contains($0) } : tags
    }

    /// What a load says, with the tags of this namespace where it chooses some itself.
    func tagged<Value: Sendable>(_ loaded: Loaded<Value>) -> Loaded<Value> {
        guard let tags = loaded.tags else { return loaded }
        var loaded = loaded
        loaded.tags = tagged(tags)
        return loaded
    }
}

extension Cache {
    /// A part of this cache with a name, defaults, statistics and a clear of its own; see ``CacheNamespace``.
    ///
    /// - Parameters:
    ///   - name: What its keys begin with, as one part of a key. One that is no part of a key, such as an empty one, is told by the first call.
    ///   - options: What holds for calls that do not say otherwise.
    public func namespace(_ name: String, options: NamespaceOptions = NamespaceOptions()) -> CacheNamespace {
        CacheNamespace(name, of: self, options: options)
    }
}

extension CacheKey {
    /// The same key, counted and kept as the box says. Allocates nothing.
    init(copying other: CacheKey, kindBox: KindBox) {
        self.storage = other.storage
        self.fault = other.fault
        self.hash = other.hash
        self.kindBox = kindBox
    }
}
