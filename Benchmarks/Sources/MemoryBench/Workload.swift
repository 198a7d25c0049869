import Recuerde

/// What is read and written: a million keys of 16 bytes, values of 100, asked for by a Zipf distribution.
struct Workload: Sendable {
    let keys: [CacheKey]
    /// Numbers of keys in the order of request, for each thread from another place on.
    let requests: [Int32]

    static let valueBytes = 100

    init(entries: Int, exponent: Double) {
        keys = (0..<entries).map { CacheKey(Self.text($0)) }
        requests = Self.zipf(count: 1 << 22, among: entries, exponent: exponent)
    }

    static func text(_ number: Int) -> String {
        let digits = String(number)
        return "key-" + String(repeating: "0", count: 12 - digits.utf8.count) + digits
    }

    static func value(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: valueBytes)
    }

    /// Samples by the inverse of the cumulated distribution; ranks are scattered over the keys.
    private static func zipf(count: Int, among entries: Int, exponent: Double) -> [Int32] {
        var generator = SplitMix(state: 42)
        var cumulated = [Double](repeating: 0, count: entries)
        var sum = 0.0
        for rank in 0..<entries {
            sum += 1 / power(Double(rank + 1), exponent)
            cumulated[rank] = sum
        }
        let scattered = (0..<Int32(entries)).shuffled(using: &generator)
        return (0..<count).map { _ in
            let wanted = Double.random(in: 0..<sum, using: &generator)
            var low = 0
            var high = entries - 1
            while low < high {
                let middle = (low + high) / 2
                if cumulated[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            return scattered[low]
        }
    }
}

/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
