import Testing

@testable import RecuerdeRedis

@Suite struct ClusterRouting {
    private func endpoint(_ port: Int) -> RedisURL.Endpoint { .init(host: "h", port: port) }

    /// Ports of masters with their ranges; replicas have the master's port and ten, and twenty.
    private func topology(_ shards: [(Int, ClosedRange<Int>)], replicas: Int = 2) throws -> ClusterTopology {
        var topology = ClusterTopology()
        for (port, range) in shards {
            let replicas = (0..<replicas).map { endpoint(port + 10 * ($0 + 1)) }
            try topology.add(
                .init(master: endpoint(port), replicas: replicas),
                ranges: [(range.lowerBound, range.upperBound)]
            )
        }
        return topology
    }

    @Test func goesToTheMasterOfTheSlot() throws {
        var router = ClusterRouter()
        #expect(!router.isReady && router.master(of: 0) == nil && router.anyMaster() == nil)
        #expect(router.install(try topology([(1, 0...99), (2, 100...16383)])).isEmpty)
        #expect(router.isReady)
        #expect(router.master(of: 0).flatMap(router.endpoint) == endpoint(1))
        #expect(router.master(of: 100).flatMap(router.endpoint) == endpoint(2))
        #expect(router.master(of: -1) == nil && router.master(of: 16384) == nil)
        var seen: Set<Int> = []
        for _ in 0..<2 { if let id = router.anyMaster() { seen.insert(id) } }
        #expect(seen.count == 2)
        #expect(router.reader(of: 0, from: .master) == router.master(of: 0))
    }

    @Test func readsFromReplicasInTurn() throws {
        var router = ClusterRouter()
        _ = router.install(try topology([(1, 0...16383)]))
        let replicas = (0..<4).compactMap { _ in router.reader(of: 5, from: .replicas).flatMap(router.endpoint)?.port }
        #expect(Set(replicas) == [11, 21] && replicas[0] == replicas[2])
        let any = (0..<6).compactMap { _ in router.reader(of: 5, from: .any).flatMap(router.endpoint)?.port }
        #expect(Set(any) == [1, 11, 21])
        _ = router.install(try topology([(1, 0...16383)], replicas: 0))
        #expect(router.reader(of: 5, from: .replicas) == router.master(of: 5))
    }

    @Test func takesASlotElsewhereWhenToldSo() throws {
        var router = ClusterRouter()
        _ = router.install(try topology([(1, 0...99), (2, 100...16383)]))
        let known = router.moved(slot: 5, to: endpoint(2))
        #expect(router.master(of: 5) == known && router.endpoint(of: known) == endpoint(2))
        #expect(router.master(of: 6).flatMap(router.endpoint) == endpoint(1))
        let version = router.version
        #expect(router.moved(slot: 5, to: endpoint(2)) == known && router.version == version)
        let new = router.moved(slot: 6, to: endpoint(9))
        #expect(router.master(of: 6) == new && router.masters.contains(new))
        #expect(router.slots(of: new).text == "6")
        _ = router.moved(slot: 99_999, to: endpoint(9))
        #expect(router.servedSlots.text == "0-16383")
    }

    @Test func forgetsNodesThatHaveLeftAndNeverGivesANumberTwice() throws {
        var router = ClusterRouter()
        let seed = router.node(at: endpoint(99))
        #expect(router.install(try topology([(1, 0...99), (2, 100...16383)], replicas: 0)) == [seed])
        #expect(router.endpoint(of: seed) == nil)
        let one = router.master(of: 0)
        let two = router.master(of: 100)
        #expect(router.install(try topology([(2, 0...16383)], replicas: 0)) == [one])
        #expect(router.master(of: 0) == two)
        _ = router.install(try topology([(1, 0...99), (2, 100...16383)], replicas: 0))
        #expect(router.master(of: 0) != one && router.master(of: 0) != nil)
    }

    @Test func setsOfSlotsAreTextAndBack() throws {
        let set = ClusterSlotSet { (3...5).contains($0) || $0 == 9 || $0 >= 16380 }
        #expect(set.text == "3-5,9,16380-16383" && set.count == 8 && set.first == 3)
        #expect(ClusterSlotSet(text: set.text[...]) == set)
        #expect(ClusterSlotSet(text: "")?.isEmpty == true)
        for text in ["x", "1-", "5-4", "3,2", "1,1", "16384", "-1", "1-2-3", ","] {
            #expect(ClusterSlotSet(text: text[...]) == nil, "\(text)")
        }
        let other = ClusterSlotSet { $0 <= 4 }
        #expect(set.intersection(other).text == "3-4")
        #expect(other.subtracting(set).text == "0-2")
        #expect(set.union(other).text == "0-5,9,16380-16383")
        let cursor = ClusterScanCursor(node: "[::1]:7", position: "17", started: set, done: other)
        #expect(ClusterScanCursor(text: cursor.text) == cursor)
        for text in ["", "0", "17", "x|n||", "|n||", "1|n|5-4|", "1|n||1|2", "123456789012345678901|n||"] {
            #expect(ClusterScanCursor(text: text) == nil, "\(text)")
        }
    }
}

@Suite struct ClusterRefreshes {
    @Test func runOneAtATimeAndAtMostThreeInTheFirstSecondOfAStorm() {
        var policy = ClusterRefreshPolicy()
        var starts: [Int64] = []
        var due: Int64?
        var endOfRun: Int64?
        // A wish every millisecond for a second; each asking takes 5 ms.
        for moment in stride(from: Int64(0), to: 1_000_000_000, by: 1_000_000) {
            if let next = policy.wanted(now: moment) {
                #expect(due == nil && endOfRun == nil)
                due = next
            }
            if let end = endOfRun, end <= moment {
                endOfRun = nil
                due = policy.finished(succeeded: true, now: moment)
            }
            if let start = due, start <= moment {
                due = nil
                starts.append(moment)
                policy.started(now: moment)
                endOfRun = moment + 5_000_000
            }
        }
        #expect(starts.count <= 3 && starts.first == 0)
        #expect(starts.count == 2)
    }

    @Test func loseNoWish() {
        var policy = ClusterRefreshPolicy()
        #expect(policy.wanted(now: 0) == 0)
        policy.started(now: 0)
        #expect(policy.finished(succeeded: true, now: 10) == nil)
        #expect(policy.wanted(now: 20) == ClusterRefreshPolicy.interval)
        #expect(policy.wanted(now: 30) == nil)
        policy.started(now: ClusterRefreshPolicy.interval)
        #expect(policy.wanted(now: ClusterRefreshPolicy.interval + 1) == nil)
        #expect(
            policy.finished(succeeded: true, now: ClusterRefreshPolicy.interval + 2) == 2
                * ClusterRefreshPolicy.interval
        )
    }

    @Test func slowDownWhileNobodyAnswers() {
        var policy = ClusterRefreshPolicy()
        var now: Int64 = 0
        var distances: [Int64] = []
        for _ in 0..<6 {
            let start = policy.wanted(now: now) ?? -1
            distances.append(start - now)
            now = start
            policy.started(now: now)
            _ = policy.finished(succeeded: false, now: now)
        }
        #expect(distances == [0, 500_000_000, 500_000_000, 1_000_000_000, 1_000_000_000, 1_000_000_000])
    }
}
