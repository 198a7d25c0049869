import NIOPosix
import Testing

@testable import RecuerdeRedis

@Suite struct ThoseWhoAreAskedForTheTopology {
    private func endpoints(_ ports: Range<Int>) -> [RedisURL.Endpoint] { ports.map { .init(host: "h", port: $0) } }

    private func order(connected: Range<Int>, others: Range<Int>, seeds: Range<Int>, limit: Int = 32) -> [Int] {
        var candidates = ClusterCandidates(seeds: endpoints(seeds))
        for node in endpoints(connected) { candidates.add(node, isConnected: true) }
        for node in endpoints(others) { candidates.add(node, isConnected: false) }
        return candidates.inOrder(atMost: limit).map(\.port)
    }

    @Test func areThoseWithAConnectionAndThenSeedsAndOthersInTurn() {
        #expect(order(connected: 1..<3, others: 10..<13, seeds: 20..<22) == [1, 2, 20, 10, 21, 11, 12])
        #expect(order(connected: 1..<3, others: 10..<13, seeds: 2..<4) == [1, 2, 3, 10, 11, 12])
        #expect(order(connected: 0..<0, others: 10..<13, seeds: 11..<13) == [11, 10, 12])
        #expect(order(connected: 0..<0, others: 0..<0, seeds: 0..<0).isEmpty)
    }

    @Test func includeTheSeedsHoweverManyNodesAreKnown() {
        for (connected, others) in [(0..<0, 100..<500), (100..<500, 0..<0), (100..<120, 200..<500)] {
            let asked = order(connected: connected, others: others, seeds: 1..<4)
            #expect(asked.count == 32 && Set(asked).count == 32 && Set(asked).isSuperset(of: 1..<4))
        }
        // Neither do very many seeds keep those with a connection from being asked.
        let asked = order(connected: 100..<500, others: 0..<0, seeds: 1..<90)
        #expect(
            asked.count == 32 && asked.prefix(16).allSatisfy { $0 >= 100 } && asked.suffix(16).allSatisfy { $0 < 90 }
        )
    }

    @Test func getAClientWhenTheyAreAskedAndNotBefore() async throws {
        let nodes = ClusterNodes(
            configuration: RedisConfiguration(url: try RedisURL("redis+cluster://seed:1")),
            options: RedisClusterOptions(),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet,
            onStateChange: nil
        )
        var topology = ClusterTopology()
        try topology.add(
            .init(master: .init(host: "h", port: 1), replicas: endpoints(10..<14)),
            ranges: [(0, 16383)]
        )
        nodes.install(topology)
        #expect(nodes.candidates(atMost: 32).count == 6)
        #expect(nodes.clientCount == 0)
        #expect(nodes.route(5, reads: false) != nil && nodes.clientCount == 1)
        await nodes.shutDown()
    }
}
