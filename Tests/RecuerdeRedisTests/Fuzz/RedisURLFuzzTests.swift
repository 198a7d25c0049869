import Testing

@testable import RecuerdeRedis

@Suite struct FuzzedURLs {
    private static let seeds = [
        "redis://:hunter2@localhost:6379/0", "rediss://user:hunter2@cache.example:6390/7?",
        "valkey://u:hunter2@[::1]:1/2",
        "redis://us%65r:hunter2%40ss%2F@h?db=4", "redis+unix://u:hunter2@/run/redis.sock?db=2",
        "unix:///run/a%20b.sock",
        "redis+sentinel://:hunter2@a,b/mymaster", "rediss+cluster://:hunter2@h", "redis://hunter2@h",
        "redis://ñ:hunter2é@h",
    ].map { Array($0.unicodeScalars) }
    private static let pieces = [
        "%", "%2", "%zz", "%00", "%FF", "%C3%A9", "%0A", "@", ":", "/", "//", "?", "?db=1", "&db=2", "#", "[", "]",
        "[::1]",
        "://", "0", "99999999999999999999", "-1", " ", "\0", "\u{301}", "\u{1F1EA}\u{1F1F8}", "é", "\r\n", "=",
        "redis://",
        "hunter2",
    ].map { Array($0.unicodeScalars) }

    /// Whatever stands in it: a URL or a fault, no trap; and neither ever shows the password.
    @Test(.timeLimit(.minutes(60))) func neverTrapAndNeverShowTheirPassword() {
        let seed = TestAmount.number("RECUERDE_FUZZ_SEED", otherwise: 20_261_124)
        let count = TestAmount.number("RECUERDE_FUZZ_INPUTS", otherwise: 200_000) / 10
        var random = SeededRandom(seed: UInt64(truncatingIfNeeded: seed))
        func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: random.next() >> 1) % max(1, bound) }
        var understood = 0
        for index in 0..<count {
            var scalars = Self.seeds[below(Self.seeds.count)]
            for _ in 0..<below(5) where !scalars.isEmpty {
                let position = below(scalars.count)
                let piece = Self.pieces[below(Self.pieces.count)]
                switch below(4) {
                case 0: scalars.insert(contentsOf: piece, at: position)
                case 1: scalars.remove(at: position)
                case 2: scalars.replaceSubrange(position..<min(scalars.count, position + piece.count), with: piece)
                default: scalars.removeSubrange(position..<min(scalars.count, position + below(8)))
                }
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            do {
                let url = try RedisURL(text)
                understood += 1
                if let complaint = Self.complaint(about: url) {
                    Issue.record("input \(index) of seed \(seed): \(complaint): \(text.debugDescription)")
                    return
                }
            } catch {
                guard let error = error as? RedisURLError, !error.description.contains("hunter2") else {
                    Issue.record("input \(index) of seed \(seed): \(text.debugDescription)")
                    return
                }
            }
        }
        #expect(understood > count / 20)
        if count > 20_000 {
            print("fuzz url: \(count) inputs of seed \(seed), \(understood) understood: no fault found")
        }
    }

    private static func complaint(about url: RedisURL) -> String? {
        let place = url.address + (url.masterName ?? "")
        // A host, a path or a name that looks like the password is shown, being one.
        if url.masked.contains("hunter2"), !place.contains("hunter2") { return "the masked URL shows the password" }
        if url.masked != "\(url)" || url.masked != String(reflecting: url) { return "a description shows more" }
        guard (0...999_999_999).contains(url.database) else { return "an impossible database" }
        guard url.scheme != .unix else { return url.socketPath == nil ? "no path" : nil }
        guard !url.host.isEmpty, (1...65535).contains(url.port) else { return "an impossible place" }
        guard let again = try? RedisURL(url.masked.replacing("****@", with: "")), again.host == url.host,
            again.port == url.port, again.database == url.database, again.tls == url.tls
        else { return "the masked URL names another server" }
        return nil
    }
}
