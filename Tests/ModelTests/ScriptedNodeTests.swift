#if os(Linux)
    import Recuerde
    import RecuerdeTesting
    import Testing

    /// The way of one node to a scripted store.
    @Suite struct ScriptedNodeTests {
        private let time = ManualTimeSource()
        private let store: ScriptedRemoteTier
        private let node: ScriptedNode
        private let other: ScriptedNode

        init() {
            store = ScriptedRemoteTier(timeSource: time)
            node = store.node("one")
            other = store.node("other")
        }

        private func removal(of name: String) -> RemoteWrite {
            RemoteWrite(
                name: name,
                operation: .remove,
                condition: .always(floor: .zero, validUntil: Stamp(microseconds: .max)),
                format: .envelope
            )
        }

        private func storing(_ name: String) -> RemoteWrite {
            var write = removal(of: name)
            write.operation = .store(bytes: Array(repeating: 48, count: 40), timeToLive: .seconds(60))
            return write
        }

        /// Starts a write, lets time pass, and tells its outcome: nil for a failure.
        private func write(
            _ write: RemoteWrite,
            from node: ScriptedNode,
            cancelled: Bool = false,
            then passing: [Duration]
        ) throws -> [(isThere: Bool, outcome: Result<RemoteOutcome, any Error>?)] {
            let outcome = Box<Result<RemoteOutcome, any Error>?>(nil)
            var seen: [(Bool, Result<RemoteOutcome, any Error>?)] = []
            try TaskSchedule.run { schedule in
                let task = Task {
                    do {
                        let outcomes = try await node.write([write], timeout: .milliseconds(250))
                        outcome.value = .success(try outcomes[0].get())
                    } catch {
                        outcome.value = .failure(error)
                    }
                }
                schedule.drain()
                if cancelled { task.cancel() }
                schedule.drain()
                seen.append((store.record(write.name) != nil, outcome.value))
                for duration in passing {
                    time.advance(by: duration)
                    schedule.drain()
                    seen.append((store.record(write.name) != nil, outcome.value))
                }
            }
            return seen
        }

        /// Touched by the thread of one schedule only.
        private final class Box<Value>: @unchecked Sendable {
            var value: Value
            init(_ value: Value) { self.value = value }
        }

        @Test func anExchangeIsUnderWayForAsLongAsIsPlanned() throws {
            node.plan(ScriptedExchange(requestDelay: .milliseconds(20), answerDelay: .milliseconds(30)))
            let seen = try write(storing("a"), from: node, then: [.milliseconds(20), .milliseconds(30)])
            #expect(seen.map(\.isThere) == [false, true, true])
            #expect(seen.map { $0.outcome == nil } == [true, true, false])
        }

        @Test func whatArrivesAfterItsTimeoutIsCarriedOutAllTheSame() throws {
            node.planNext([ScriptedExchange(requestDelay: .milliseconds(300))])
            let seen = try write(storing("a"), from: node, then: [.milliseconds(250), .milliseconds(50)])
            #expect(seen.map(\.isThere) == [false, false, true])
            #expect(throws: RemoteTierError.self) { try seen[1].outcome?.get() }
            #expect(node.counts == (1, 1))
        }

        @Test func whatACallerLeavesIsCarriedOutAllTheSame() throws {
            node.planNext([ScriptedExchange(requestDelay: .milliseconds(20))])
            let seen = try write(storing("a"), from: node, cancelled: true, then: [.milliseconds(20)])
            #expect(seen.map(\.isThere) == [false, true])
            #expect(throws: CancellationError.self) { try seen[0].outcome?.get() }
        }

        @Test func aPartitionIsOfOneNode() throws {
            node.plan(ScriptedExchange(.requestLost))
            let seen = try write(storing("a"), from: node, then: [.milliseconds(250)])
            #expect(throws: RemoteTierError.self) { try seen[1].outcome?.get() }
            #expect(!seen[1].isThere)
            #expect(try write(storing("a"), from: other, then: [])[0].isThere)
            node.heal()
            #expect(try write(storing("b"), from: node, then: [])[0].isThere)
            node.die()
            #expect(try !write(storing("c"), from: node, then: [])[0].isThere)
        }

        @Test func aLostAnswerLeavesItsWrite() throws {
            node.planNext([
                ScriptedExchange(.answerLost),
                ScriptedExchange(.answerReplaced(RemoteTierError(.interrupted, "scripted"))),
                ScriptedExchange(.refused(RemoteTierError(.unavailable, "scripted"))),
            ])
            #expect(try write(storing("a"), from: node, then: [])[0].isThere)
            let seen = try write(storing("b"), from: node, then: [])
            #expect(seen[0].isThere)
            #expect(throws: RemoteTierError.self) { try seen[0].outcome?.get() }
            #expect(try !write(storing("c"), from: node, then: [])[0].isThere)
        }

        @Test func aRepeatedWriteIsCarriedOutTwice() throws {
            node.planNext([ScriptedExchange(repeatedAfter: .milliseconds(40))])
            let seen = try write(storing("a"), from: node, then: [.milliseconds(40)])
            #expect(seen[0].isThere && seen[0].outcome == nil)
            #expect(try seen[1].outcome?.get().existed == true)
        }

        @Test func writesOfOneNameArriveInOrder() throws {
            node.planNext([ScriptedExchange(requestDelay: .milliseconds(20))])
            _ = try TaskSchedule.run { schedule in
                Task { _ = try? await node.write([storing("a")], timeout: .milliseconds(250)) }
                schedule.drain()
                Task { _ = try? await node.write([removal(of: "a")], timeout: .milliseconds(250)) }
                schedule.drain()
                time.advance(by: .milliseconds(20))
                schedule.drain()
                #expect(store.record("a") != nil)
                time.advance(by: .microseconds(1))
                schedule.drain()
            }
            #expect(store.record("a") == nil)
        }

        @Test func aFrozenStoreDoesEverythingLater() throws {
            store.freeze(for: .seconds(1))
            let seen = try write(storing("a"), from: node, then: [.milliseconds(250), .milliseconds(750)])
            #expect(seen.map(\.isThere) == [false, false, true])
            #expect(throws: RemoteTierError.self) { try seen[1].outcome?.get() }
        }

        @Test func aFullStoreRefusesValuesAndRemovesThem() throws {
            #expect(try write(storing("a"), from: node, then: [])[0].isThere)
            store.setFull(true)
            let seen = try write(storing("a"), from: node, then: [])
            #expect(!seen[0].isThere)
            #expect(throws: RemoteTierError.self) { try seen[0].outcome?.get() }
            #expect(try write(removal(of: "a"), from: node, then: [])[0].outcome?.get().applied == true)
            store.setFull(false)
            #expect(try write(storing("a"), from: node, then: [])[0].isThere)
        }
    }
#endif
