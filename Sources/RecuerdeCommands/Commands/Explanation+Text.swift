extension Explanation {
    /// The answer for people: the verdict first, then what stands where, then what is on its way. What is not there has no line, but for the two tiers.
    var text: String {
        var lines = [("verdict", verdict), ("key", key), ("entry", name)]
        lines.append(("memory", memory.map(Self.line) ?? "nothing"))
        lines.append(("redis", redis.map(Self.line) ?? redisWithout))
        lines += tags
        for holding in [memory, redis].compactMap(\.self).prefix(1) {
            if let etag = holding.etag { lines.append(("etag", etag)) }
            if let time = holding.last_modified { lines.append(("modified", time)) }
        }
        lines += flights.map { ("load", Self.line($0)) }
        if let lease { lines.append(("lease", Self.line(lease))) }
        if let pause_seconds {
            let time = Self.time(pause_seconds)
            lines.append(("pause", "a load has failed: what is stale is served for \(time) before the next is tried"))
        }
        lines += journal.map { ("waits", Self.line($0)) }
        return lines.map { "\($0.0.padded(to: 8)) \(Self.printable($0.1))\n" }.joined()
    }

    private var redisWithout: String {
        if redis_answered { return "nothing" }
        return redis_failure.map { "did not answer (\($0))" } ?? "not configured"
    }

    /// Each tag once, and by tiers where they know different things of it.
    private var tags: [(String, String)] {
        let known = [("memory", memory), ("redis", redis)].flatMap { tier, holding in
            (holding?.marks ?? []).map { (tier: tier, mark: $0) }
        }
        var order: [String] = []
        for (_, mark) in known where !order.contains(mark.tag) { order.append(mark.tag) }
        return order.map { tag in
            let own = known.filter { $0.mark.tag == tag }
            let effects = Set(own.map(\.mark.effect))
            if effects.count == 1, let effect = effects.first {
                return ("tag", "\(tag): \(Self.words[effect] ?? effect)")
            }
            let each = own.map { "\(Self.words[$0.mark.effect] ?? $0.mark.effect) (\($0.tier))" }
            return ("tag", "\(tag): \(each.joined(separator: "; "))")
        }
    }

    private static let words = [
        "valid": "valid",
        "expired": "invalidated, and may stand in",
        "removed": "invalidated, and stands in for nothing",
        "unknown": "changed, and not read since",
        "damaged": "damaged, or of another version",
        "unencrypted": "not encrypted, as is required here",
        "unknown_key": "encrypted with a key that is not known here",
        "forged": "altered, moved here from another key, or encrypted with another key of that identifier",
    ]

    private static func line(_ holding: Holding) -> String {
        var parts: [String] = []
        switch (holding.state, holding.remaining_seconds) {
        case ("fresh", let remaining?): parts.append("fresh for \(time(remaining))")
        case ("stale", let remaining?): parts.append("stale since \(time(-remaining))")
        case ("overruled", _): parts.append("overruled by what waits for Redis")
        default: parts.append(holding.state)
        }
        if let refusal = holding.refusal { parts[0] += ": \(words[refusal] ?? refusal)" }
        if let life = holding.life_seconds, life > 0, life > holding.remaining_seconds ?? life,
            ["fresh", "stale"].contains(holding.state)
        {
            parts.append("stands in for \(time(life))")
        }
        if let age = holding.age_seconds { parts.append("made \(time(age)) ago") }
        if holding.provisional { parts.append("on its way to Redis") }
        if let standing = holding.standing { parts.append(standing) }
        parts.append("\(holding.bytes) bytes")
        if let payload = holding.payload {
            if payload.compressed { parts.append("compressed") }
            if let key = payload.encryption_key { parts.append("key \(key)") }
            if payload.schema_version > 0 { parts.append("schema \(payload.schema_version)") }
        }
        return parts.joined(separator: ", ")
    }

    private static func line(_ flight: Flight) -> String {
        let what = flight.purpose == "load" ? "under way" : "under way (\(flight.purpose))"
        return flight.waiting == 0 ? "\(what), nobody waits" : "\(what), \(flight.waiting) waiting"
    }

    private static func line(_ lease: Lease) -> String {
        let end = lease.remaining_seconds.map { ", ends in \(time($0)) unless it is renewed" } ?? ""
        return "held by \(lease.held_here ? "this process" : "another process")\(end)"
    }

    private static func line(_ waiting: Waiting) -> String {
        var text = waiting.operation + (waiting.tag.map { " of tag \($0)" } ?? "") + ", \(waiting.reason)"
        if waiting.attempts > 0 { text += " (\(waiting.attempts) refusals)" }
        if let pause = waiting.pause_seconds { text += ", tried again in \(time(pause))" }
        return text
    }

    /// A time in at most two units; less than a second in milliseconds.
    static func time(_ seconds: Double) -> String {
        guard seconds >= 1 else { return "\(Int(max(0, seconds) * 1_000)) ms" }
        let whole = Int(min(seconds, 1e12))
        let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { whole >= $0.1 }) else { return "0 s" }
        let head = "\(whole / units[first].1) \(units[first].0)"
        guard first + 1 < units.count else { return head }
        let rest = whole % units[first].1 / units[first + 1].1
        return rest == 0 ? head : "\(head) \(rest) \(units[first + 1].0)"
    }

    /// The text without what a terminal would obey: tags and what a source says are anybody's words.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }
}
