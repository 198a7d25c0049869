extension Redis {
    /// When a key is to expire after a command that reads or writes it.
    public struct Expiry: Sendable, Hashable {
        private enum Kind: Hashable {
            case never, keep
            case milliseconds(Int64), seconds(Int), atMilliseconds(Int64), atSeconds(Int)
        }

        private let kind: Kind

        /// Not at all, whatever was set before.
        public static let never = Expiry(kind: .never)

        /// As before: what was set stays, and what was not set is not.
        public static let keep = Expiry(kind: .keep)

        /// After a time from now, in whole milliseconds; a part of one is rounded up, so that a short time is not none.
        public static func after(_ time: Duration) -> Expiry { Expiry(kind: .milliseconds(time.wholeMilliseconds)) }

        /// After whole seconds from now.
        public static func after(seconds: Int) -> Expiry { Expiry(kind: .seconds(seconds)) }

        /// At a moment, in milliseconds of Unix time. Servers since 6.2.
        public static func at(unixMilliseconds: Int64) -> Expiry { Expiry(kind: .atMilliseconds(unixMilliseconds)) }

        /// At a moment, in seconds of Unix time. Servers since 6.2.
        public static func at(unixSeconds: Int) -> Expiry { Expiry(kind: .atSeconds(unixSeconds)) }

        /// The options of SET, or of GETEX, which says each of the two words that the other one lacks.
        func options(forReading: Bool) -> [any RedisArgument] {
            switch kind {
            case .never: forReading ? ["PERSIST"] : []
            case .keep: forReading ? [] : ["KEEPTTL"]
            case .milliseconds(let time): ["PX", time]
            case .seconds(let time): ["EX", time]
            case .atMilliseconds(let moment): ["PXAT", moment]
            case .atSeconds(let moment): ["EXAT", moment]
            }
        }
    }

    /// How long a key has still to live.
    public enum Lifetime: Sendable, Hashable {
        /// There is no such key.
        case absent
        /// The key does not expire.
        case unlimited
        /// The key expires after this time.
        case remaining(Duration)

        /// Reads the reply of TTL and its kin: -2, -1, or a number of units.
        init(_ value: RESPValue, unit: Duration, of name: String) throws(RedisError) {
            let number: Int = try value.read(of: name)
            switch number {
            case -2: self = .absent
            case -1: self = .unlimited
            case 0...: self = .remaining(unit * number)
            default: throw .unexpectedReply(value, to: name)
            }
        }
    }
}

extension Duration {
    /// Milliseconds, a part of one rounded up.
    var wholeMilliseconds: Int64 {
        let nanoseconds = clampedNanoseconds
        let whole = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 > 0 || (whole == 0 && self > .zero) ? whole + 1 : whole
    }
}
