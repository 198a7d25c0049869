#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// The end of a history: all is healed, and what must come to rest does.
    extension LeaseWorld {
        func finish(_ seed: UInt64) {
            isEnding = true
            moment += 1
            store.behave(.normal)
            isDown = false
            store.setFull(false)
            for node in nodes {
                node.link.heal()
                goOn(node)
            }
            for id in tasks.keys.sorted() { endWork(id, fails: false) }
            settle(seed)
            checkBounds()
            if violation == nil { comeToRest(seed) }
            letGo()
        }

        /// No caller waits any more, and no lease stands for which nobody works.
        private func comeToRest(_ seed: UInt64) {
            for round in 0..<12 {
                pass(.milliseconds(2_500), seed &+ UInt64(round))
                if violation != nil { return }
                if pending.isEmpty, store.leaseOwners.isEmpty, store.leaseWaiters == 0 { break }
            }
            guard pending.isEmpty else { return violate(4, "half a minute after the last fault somebody still waits") }
            guard store.leaseOwners.isEmpty else {
                return violate(4, "half a minute after the last fault a lease is still held for nobody")
            }
            guard store.leaseWaiters == 0,
                nodes.allSatisfy({ $0.cache.leases.count == 0 && $0.cache.deadlines.count == 0 })
            else { return violate(4, "something of a lease was left behind") }
        }

        /// Nothing stays behind: neither a caller nor a sleeper.
        private func letGo() {
            for process in processes { process.link.die() }
            for (_, task) in tasks.values { task.cancel() }
            for gate in gates.values { gate.continuation.resume(returning: true) }
            gates = [:]
            for _ in 0..<100 {
                schedule.drain(limit: 20_000)
                guard time.sleepers > 0 else { return }
                time.advance(by: .seconds(60))
            }
        }
    }
#endif
