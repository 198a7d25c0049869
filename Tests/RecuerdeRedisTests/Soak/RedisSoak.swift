import NIOCore
import RecuerdeTesting
import Synchronization

@testable import RecuerdeRedis

/// Many tasks that ask real servers for values while connections are killed, commands cancelled, deadlines missed and
/// replies delayed. The value is a function of the key, and every reply is held against its command.
final class RedisSoak: Sendable {
    private let clients: [any RedisExecutor]
    private let plan: SoakPlan
    private let faults: any SoakFaults
    private let start = ContinuousClock.now
    private let done = Atomic<Int>(0)
    private let next: Mutex<(at: ContinuousClock.Instant, count: Int, isBusy: Bool)>

    /// - Parameter clients: those of the tasks, which share them in turn.
    init(_ plan: SoakPlan, clients: [any RedisExecutor], faults: any SoakFaults) {
        self.plan = plan
        self.clients = clients
        self.faults = faults
        next = Mutex((start + plan.faultEvery, 0, false))
    }

    /// Stores the values.
    static func prepare(_ client: any RedisExecutor) async throws {
        let commands = SoakQuestion.values.enumerated().map {
            RedisCommand("SET", SoakQuestion.key($0.offset), $0.element)
        }
        for result in try await client.pipeline(commands, timeout: .seconds(60)) { _ = try result.get() }
    }

    /// Runs to the end of the plan.
    func run() async -> SoakTally {
        await withTaskGroup(of: SoakTally.self) { group in
            for task in 0..<plan.tasks { group.addTask { await self.work(task) } }
            return await group.reduce(SoakTally(), +)
        }
    }

    private var isOver: Bool {
        done.load(ordering: .relaxed) >= plan.commands || ContinuousClock.now - start >= plan.time
    }

    private func work(_ task: Int) async -> SoakTally {
        var random = SeededRandom(seed: plan.seed &* 1_000_003 &+ UInt64(task))
        let client = clients[task % clients.count]
        var tally = SoakTally()
        while !isOver {
            if let fault = dueFault() {
                faults.happen(fault, &tally)
                next.withLock { $0.isBusy = false }
            }
            let questions = SoakQuestion.some(task: task, lanes: plan.mode == .lanes, &random)
            let isHasty = Int.random(in: 0..<20, using: &random) == 0
            let timeout: Duration = isHasty ? .microseconds(Int.random(in: 0...3000, using: &random)) : .seconds(5)
            if Int.random(in: 0..<30, using: &random) == 0 {
                // Awaited on the next lines; a task of its own, so that it alone is cancelled.
                let single = Task { await Self.ask(client, questions, timeout, isHasty) }
                if Bool.random(using: &random) { await Task.yield() }
                single.cancel()
                tally = tally + (await single.value)
            } else {
                tally = tally + (await Self.ask(client, questions, timeout, isHasty))
            }
            done.wrappingAdd(questions.count, ordering: .relaxed)
        }
        return tally
    }

    private static func ask(
        _ client: any RedisExecutor,
        _ questions: [SoakQuestion],
        _ timeout: Duration,
        _ isHasty: Bool
    ) async -> SoakTally {
        var tally = SoakTally()
        tally.commands = questions.count
        do {
            if questions.count == 1, let lane = questions[0].lane {
                let reply = try await client.send(questions[0].command, timeout: timeout, lane: lane)
                tally.judge(.success(reply), questions[0], isHasty)
            } else if questions.count == 1 {
                let reply = try await client.send(questions[0].command, timeout: timeout)
                tally.judge(.success(reply), questions[0], isHasty)
            } else {
                let results = try await client.pipeline(questions.map(\.command), timeout: timeout)
                for (result, question) in zip(results, questions) { tally.judge(result, question, isHasty) }
                if results.count != questions.count { tally.mismatches += 1 }
            }
        } catch is CancellationError {
            tally.cancelled += questions.count
        } catch let error as RedisError {
            for question in questions { tally.judge(.failure(error), question, isHasty) }
        } catch {
            tally.otherErrors += questions.count
        }
        return tally
    }

    /// The number of the fault whose time has come; each is handed out once, to whoever looks first, and after the end of the one
    /// before.
    private func dueFault() -> Int? {
        next.withLock { next in
            let now = ContinuousClock.now
            guard now >= next.at, !next.isBusy else { return nil }
            next = (now + plan.faultEvery, next.count + 1, true)
            return next.count
        }
    }
}

extension SoakTally {
    mutating func judge(_ result: Result<RESPValue, RedisError>, _ question: SoakQuestion, _ isHasty: Bool) {
        switch result {
        case .success(let value):
            answered += 1
            if !question.isRight(value) {
                mismatches += 1
                firstMismatch = firstMismatch ?? "\(question.command.name): \(String(describing: value).prefix(200))"
            }
        case .failure(let error):
            switch error.code {
            case .deadlineExceeded: deadlines += 1
            // The deadline passed on the way from one node to the next: the reason to go there is told.
            case .server where isHasty && ["MOVED", "ASK"].contains(error.serverCode ?? ""): deadlines += 1
            case .connectionLost, .connectFailed: lost += 1
            // A node that has not agreed with the others yet refuses what comes, and repetitions have a budget and a deadline.
            case .server where error.serverCode == "CLUSTERDOWN": refused += 1
            // So few connections that block are there that they may all be in use.
            case .overloaded where question.command.isBlocking: refused += 1
            default:
                otherErrors += 1
                firstError = firstError ?? "\(error)"
            }
        }
    }
}
