import Foundation
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

extension Soaks {
    /// Scenario 23. `scripts/soak redis` runs it for thirty seconds, and prints how much of a processor it took.
    @Test func scenario23ConnectionsThatAreAcceptedAndClosedAreRareAndCostLittle() async throws {
        let long = TestAmount.number("RECUERDE_CLOSED_SECONDS", otherwise: 0)
        let seconds = long > 0 ? long : 1
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            proxy.accept(.close)
            try await withClient(proxy.url, change: { $0.maximumConnections = 1 }) { client in
                let processor = clock()
                let start = ContinuousClock.now
                // It waits for a connection in vain, until no attempt is left that could come in time.
                let error = await redisError {
                    try await client.send(RedisCommand("GET", "k"), timeout: .seconds(seconds))
                }
                let time = (ContinuousClock.now - start) / .seconds(1)
                let spent = Double(clock() - processor) / Double(CLOCKS_PER_SEC)
                #expect(error?.code == .connectFailed)
                #expect(error?.mayHaveExecuted == false)
                #expect((2...(20 + 4 * seconds)).contains(proxy.accepted), "\(proxy.accepted)")
                if long > 0 {
                    let percent = (100 * spent / max(time, 0.001) * 100).rounded() / 100
                    print("accepted and closed: \(proxy.accepted) times in \(Int(time)) s, \(percent) % of a processor")
                }
                proxy.accept(.forward)
                try await eventually { try await client.ping() }
            }
        }
    }
}
