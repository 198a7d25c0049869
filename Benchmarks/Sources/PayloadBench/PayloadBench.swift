import Recuerde
import RecuerdeTesting

/// What compression and encryption of answers bring and cost, through the public interface of a cache over a store in this process: bytes of
/// whole entries, and time of a whole set and a whole get, from which those without either are taken.
///
///     PayloadBench [--rounds N]
@main
enum PayloadBench {
    static let answers = 200

    static func main() async throws {
        var rounds = 15
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            if argument == "--rounds" { rounds = arguments.popFirst().flatMap(Int.init) ?? rounds }
        }
        let key = try EncryptionKey(id: "bench", secret: (0..<32).map { _ in UInt8.random(in: 0...255) })
        let encryption = try PayloadEncryption(.required, keys: [key])
        print(
            "characters,stored,compressed,saved %,set µs,get µs,compress µs,inflate µs,seal µs,open µs,seal µs/KiB,open µs/KiB"
        )
        for characters in [50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1_000, 1_500, 2_000, 3_000, 4_000] {
            let values = (0..<answers).map { Answers.answer($0, characters: characters) }
            let plain = Stage(values) { _ in }
            let small = Stage(values) { $0.compression = .from(1) }
            let sealed = Stage(values) { $0.encryption = encryption }
            for _ in 0..<rounds {
                for stage in [plain, small, sealed] { try await stage.round() }
            }
            let (base, kibibytes) = (plain.figures, Double(plain.bytes) / 1_024)
            let (compression, seal) = (small.figures, sealed.figures)
            let saved = 100 - 100 * Double(small.bytes) / Double(plain.bytes)
            let numbers: [Double] = [
                saved, base.set, base.get, compression.set - base.set, compression.get - base.get, seal.set - base.set,
                seal.get - base.get, (seal.set - base.set) / kibibytes, (seal.get - base.get) / kibibytes,
            ]
            let texts = numbers.map { String(($0 * 100).rounded() / 100) }
            print("\(characters),\(plain.bytes),\(small.bytes),\(texts.joined(separator: ","))")
        }
    }
}

/// A cache over a store of its own, with one setting.
final class Stage {
    private let values: [(key: CacheKey, value: Answer)]
    private let store = ScriptedRemoteTier(timeSource: SystemTimeSource())
    private let writer: Cache
    private let reader: Cache
    private var sets: [Double] = []
    private var gets: [Double] = []

    init(_ values: [Answer], _ change: (inout PayloadConfiguration) -> Void) {
        self.values = values.enumerated().map { (CacheKey("answer", String($0.offset)), $0.element) }
        var configuration = CacheConfiguration()
        configuration.readingOrder = .remoteFirst
        change(&configuration.payload)
        writer = Cache(configuration: configuration, remote: store)
        reader = Cache(configuration: configuration, remote: store)
    }

    /// Writes and reads every value once.
    func round() async throws {
        let clock = ContinuousClock()
        let set = try await clock.measure {
            for (key, value) in values { try await writer.set(key, to: value) }
        }
        sets.append(microseconds(set))
        // What is in memory already is not decoded again.
        reader.shrink(to: 0)
        let get = try await clock.measure {
            for (key, _) in values {
                guard try await reader.get(key, as: Answer.self) != nil else {
                    throw TestingError("an answer is missing")
                }
            }
        }
        gets.append(microseconds(get))
    }

    /// The mean of an entry's bytes.
    var bytes: Int {
        let names = store.names
        return names.reduce(0) { $0 + (store.record($1)?.bytes.count ?? 0) } / max(1, names.count)
    }

    /// Microseconds of one set and one get: the median of the rounds.
    var figures: (set: Double, get: Double) { (median(sets), median(gets)) }

    private func microseconds(_ duration: Duration) -> Double {
        (Double(duration.components.seconds) * 1e6 + Double(duration.components.attoseconds) / 1e12)
            / Double(values.count)
    }

    private func median(_ numbers: [Double]) -> Double {
        numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2]
    }
}
