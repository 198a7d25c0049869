import RecuerdeTesting
import Testing

@testable import Recuerde

/// A value that breaks its connection whenever it is sent, as one that a proxy on the way does not let through.
@Suite(.timeLimit(.minutes(1))) struct InterruptedReplayTests {
    private let nodes = Nodes()
    private var time: ManualTimeSource { nodes.time }

    private func outage(_ keys: [CacheKey]) async throws -> (Cache, InterposedTier, RemoteGate) {
        let tier = InterposedTier(nodes.remote)
        var configuration = CacheConfiguration()
        configuration.prefix = "test"
        let cache = Cache(configuration: configuration, remote: tier, timeSource: time)
        await cache.connect()
        nodes.remote.behave(Nodes.down)
        for key in keys { try await cache.set(key, to: 1) }
        #expect(cache.statistics().journalDepth == keys.count)
        nodes.remote.behave(.normal)
        time.advance(by: .seconds(3))
        tier.breakConnection(by: ["test:v2:poison"])
        return (cache, tier, try #require(cache.gate))
    }

    @Test func doesNotHoldBackWhatWaitsBesides() async throws {
        let (cache, tier, gate) = try await outage(["one", "poison", "two"])
        for _ in 0..<2 {
            await gate.replayIfNeeded()
            time.advance(by: .milliseconds(501))
        }
        #expect(nodes.remote.names == ["test:v2:one", "test:v2:two"])
        #expect(cache.statistics().journalReasons[.interrupted] == 1)
        #expect(cache.statistics().journalDepth == 1)
        // It is not given up.
        tier.breakConnection(by: [])
        time.advance(by: .seconds(64))
        await gate.replayIfNeeded()
        #expect(cache.statistics().journalDepth == 0)
        #expect(nodes.remote.names.contains("test:v2:poison"))
    }

    @Test func isTriedLessAndLessOften() async throws {
        let (_, tier, gate) = try await outage(["poison"])
        var gaps: [Int] = []
        var last = 0
        for step in 0..<100 {
            let before = tier.breaks
            await gate.replayIfNeeded()
            if tier.breaks > before {
                if before > 0 { gaps.append(step - last) }
                last = step
            }
            time.advance(by: .milliseconds(501))
        }
        // Two seconds, four, eight and so on, in steps of half a second.
        #expect(gaps == [4, 8, 16, 32])
    }
}
