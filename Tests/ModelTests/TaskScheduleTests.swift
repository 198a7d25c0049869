#if os(Linux)
    import Recuerde
    import RecuerdeTesting
    import Synchronization
    import Testing

    @Suite struct TaskScheduleTests {
        private final class Words: Sendable {
            let list = Mutex<[String]>([])
            func add(_ word: String) { list.withLock { $0.append(word) } }
            var all: [String] { list.withLock { $0 } }
        }

        /// Three tasks of two steps each, in the order that a seed picks.
        private func order(seed: UInt64) throws -> [String] {
            let words = Words()
            var random = SeededGenerator(seed: seed)
            try TaskSchedule.run { schedule in
                for task in 0..<3 {
                    Task {
                        words.add("\(task)a")
                        await Task.yield()
                        words.add("\(task)b")
                    }
                }
                #expect(schedule.count == 3)
                schedule.drain { random.below($0) }
            }
            return words.all
        }

        @Test func aSeedDeterminesTheOrder() throws {
            var orders: Set<[String]> = []
            for seed in 0..<200 as Range<UInt64> {
                let order = try order(seed: seed)
                #expect(order.count == 6)
                #expect(try self.order(seed: seed) == order)
                orders.insert(order)
            }
            // Of the 90 that there are.
            #expect(orders.count > 60)
        }

        @Test func theFirstReadyStepGoesFirstUnlessSaidOtherwise() throws {
            let words = Words()
            try TaskSchedule.run { schedule in
                for task in 0..<3 { Task { words.add("\(task)") } }
                schedule.drain()
                #expect(schedule.steps >= 3)
            }
            #expect(words.all == ["0", "1", "2"])
        }

        @Test func sleepersOfAManualClockAndCancelledTasksAreSteps() throws {
            let time = ManualTimeSource()
            let words = Words()
            try TaskSchedule.run { schedule in
                let cancelled = Task {
                    do {
                        try await time.sleep(until: time.now().advanced(by: .seconds(9)))
                        words.add("slept")
                    } catch {
                        words.add("cancelled")
                    }
                }
                Task {
                    try? await time.sleep(until: time.now().advanced(by: .seconds(1)))
                    words.add("woke")
                }
                schedule.drain()
                #expect(words.all == [])
                time.advance(by: .seconds(1))
                schedule.drain()
                cancelled.cancel()
                schedule.drain()
            }
            #expect(words.all == ["woke", "cancelled"])
        }

        @Test func oneScheduleRunsOnAThreadAndEndsWithItsBody() throws {
            try TaskSchedule.run { _ in
                _ = #expect(throws: TestingError.self) { try TaskSchedule.run { _ in } }
            }
            let words = Words()
            try TaskSchedule.run { _ in
                Task { words.add("left over") }
                return
            }
            #expect(words.all == ["left over"])
        }

        @Test func othersGoOnMeanwhile() async throws {
            let words = Words()
            async let other: Void = {
                for _ in 0..<50 { await Task.yield() }
                words.add("other")
            }()
            try TaskSchedule.run { schedule in
                Task { words.add("mine") }
                schedule.drain()
            }
            await other
            #expect(Set(words.all) == ["mine", "other"])
        }
    }
#endif
