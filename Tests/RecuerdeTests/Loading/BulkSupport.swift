import RecuerdeTesting
import Synchronization

@testable import Recuerde

/// What loads were asked for.
final class KeysAsked: Sendable {
    private let state = Mutex<[[CacheKey]]>([])
    var keys: [[CacheKey]] { state.withLock { $0 } }
    func note(_ keys: [CacheKey]) { state.withLock { $0.append(keys) } }
}

/// Tests of several values at once: `values(for:options:load:)` and `results(for:options:load:)`.
protocol BulkSuite {
    var fleet: Fleet { get }
}

extension BulkSuite {
    typealias Asked = KeysAsked
    typealias Answers = [CacheKey: Result<Loaded<Int>, any Error>]

    var time: ManualTimeSource { fleet.time }

    static func options(_ change: (inout EntryOptions) -> Void = { _ in }) -> EntryOptions {
        var options = EntryOptions.timeToLive(.seconds(10))
        options.maximumStaleness = .seconds(100)
        options.loadTimeout = .seconds(1_000_000)
        change(&options)
        return options
    }

    func text<Value>(_ outcome: Result<CacheResult<Value>?, any Error>?) -> String {
        switch outcome {
        case .success(let result?):
            "\(result.value) \(result.provenance.staleReason?.description ?? result.provenance.source.description)"
        case .success(nil): "none"
        case .failure(let error as CacheError): "\(error.code)"
        case .failure(let error as LoadFailure): error.text
        case .failure: "another failure"
        case nil: "nothing"
        }
    }

    /// How many seats were taken in the flight of a key, whoever sits there now.
    func waiting(_ cache: Cache, _ key: CacheKey) -> UInt64 {
        let purpose = FlightTable.Purpose(type: ObjectIdentifier(Int.self), refreshes: false)
        guard let (flight, seat) = cache.flights.joinPresent(key, purpose: purpose, as: Int.self) else { return 0 }
        let others = flight.openSeats - 1
        flight.leave(seat)
        return UInt64(others)
    }

    /// One value for all that is asked for.
    static func all(_ value: Int, _ keys: [CacheKey], tags: [String]? = nil) -> Answers {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, .success(Loaded(value, tags: tags))) })
    }
}

/// Something that one task leaves for another.
final class Kept<Value: Sendable>: Sendable {
    private let kept = Mutex<Value?>(nil)
    var value: Value? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
