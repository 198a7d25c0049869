import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`: loads that fail, with something to stand in for them and without, in memory alone and before a remote
/// tier.
@Suite(.timeLimit(.minutes(1))) struct StalenessScenarioTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    private func caches() -> [Cache] { [nodes.memoryOnly(), nodes.node()] }

    /// What a load says of its failure reaches the caller as it is.
    private struct SourceFailure: Error, Equatable {
        var text: String
    }

    private func failing(_ cache: Cache, _ options: EntryOptions) async throws -> CacheResult<Int> {
        try await cache.result(for: "k", options: options) { _ in throw SourceFailure(text: "x") }
    }

    @Test func scenario14_aValueThatMayNotStandInDoesNot() async throws {
        for cache in caches() {
            let options = EntryOptions.standingIn.living(.seconds(1)).withoutStaleLife
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(1))
            await #expect(throws: SourceFailure(text: "x")) { try await failing(cache, options) }
            #expect(try await cache.value(for: "k", options: options) { 2 } == 2)
        }
    }

    @Test func scenario15_aStaleValueStandsInAndIsMarked() async throws {
        for cache in caches() {
            let options = EntryOptions.standingIn.living(.seconds(1))
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(30))
            let stale = try await failing(cache, options)
            #expect(stale.value == 1 && stale.provenance.source == .stale)
            #expect(stale.provenance.staleReason == .loadFailed && stale.provenance.age == .seconds(30))
        }
    }

    /// A load fails by throwing, and whatever it throws means the same.
    @Test func scenario16_aLoadThatSaysThatItHasFailed() async throws {
        for cache in caches() {
            let options = EntryOptions.standingIn.living(.seconds(1))
            let error = await #expect(throws: SourceFailure.self) { try await failing(cache, options) }
            #expect(error?.text == "x")
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(2))
            #expect(try await failing(cache, options).value == 1)
        }
    }

    /// Staleness counts from the logical expiry on, so it cannot be shorter than the life of a value; one below zero is none.
    @Test func scenario19_staleLifeBelowZeroIsNone() async throws {
        for cache in caches() {
            var options = EntryOptions.standingIn.living(.seconds(10))
            options.maximumStaleness = .seconds(-5)
            try await cache.set("k", to: 1, options: options)
            time.advance(by: .seconds(9))
            #expect(try await cache.get("k") == 1)
            time.advance(by: .seconds(1))
            await #expect(throws: SourceFailure.self) { try await failing(cache, options) }
        }
    }
}
