import NIOCore
import RecuerdeTesting
import Synchronization

@testable import RecuerdeRedis

/// Many tasks that ask a real server for values while connections are killed, commands cancelled, deadlines missed and
/// replies delayed. The value is a function of the key, and every reply is held against its command.
final class RedisSoak: Sendable {
    private let server: RedisServerProcess
    private let proxy: FaultProxy
    private let direct: RedisClient
    private let proxied: RedisClient
    private let plan: SoakPlan
    private let start = ContinuousClock.now
    private let done = Atomic<Int>(0)
    private let faults: Mutex<(nextAt: ContinuousClock.Instant, count: Int, random: SeededRandom)>

    static let keys = 2000
    private static let values: [ByteBuffer] = (0..<keys).map { index in
        // A few large ones, which come in several reads.
        let length = index.isMultiple(of: 50) ? 20_000 : 20 + index % 100
        var value = ByteBuffer(string: "value \(index) ")
        value.writeRepeatingByte(UInt8(65 + index % 26), count: length)
        return value
    }

    init(_ plan: SoakPlan, server: RedisServerProcess, proxy: FaultProxy, direct: RedisClient, proxied: RedisClient) {
        self.plan = plan
        self.server = server
        self.proxy = proxy
        self.direct = direct
        self.proxied = proxied
        faults = Mutex((start + plan.faultEvery, 0, SeededRandom(seed: plan.seed)))
    }

    /// Stores the values.
    func prepare() async throws {
        let commands = Self.values.enumerated().map { RedisCommand("SET", "k\($0.offset)", $0.element) }
        for result in try await direct.pipeline(commands, timeout: .seconds(60)) { _ = try result.get() }
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
        let client = task < plan.tasksThroughProxy ? proxied : direct
        var tally = SoakTally()
        while !isOver {
            if let fault = dueFault() { breakSomething(fault, &tally) }
            let commands = Self.commands(task: task, &random)
            let isHasty = Int.random(in: 0..<20, using: &random) == 0
            let timeout: Duration = isHasty ? .microseconds(Int.random(in: 0...3000, using: &random)) : .seconds(5)
            if Int.random(in: 0..<30, using: &random) == 0 {
                // Awaited on the next lines; a task of its own, so that it alone is cancelled.
                let single = Task { await Self.ask(client, commands, timeout) }
                if Bool.random(using: &random) { await Task.yield() }
                single.cancel()
                tally = tally + (await single.value)
            } else {
                tally = tally + (await Self.ask(client, commands, timeout))
            }
            done.wrappingAdd(commands.count, ordering: .relaxed)
        }
        return tally
    }

    // MARK: Commands and their replies

    private struct Question {
        let command: RedisCommand
        let answer: RESPValue
    }

    private static func get(_ random: inout SeededRandom) -> Question {
        let index = Int.random(in: 0..<keys, using: &random)
        return Question(command: RedisCommand("GET", "k\(index)"), answer: .bulk(values[index]))
    }

    private static func commands(task: Int, _ random: inout SeededRandom) -> [Question] {
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            // Words that were never said before and never will be again.
            let word = ByteBuffer(string: "word \(task) \(random.next())")
            return [Question(command: RedisCommand("ECHO", word, key: nil), answer: .bulk(word))]
        case 1:
            let indices = (0..<3).map { _ in Int.random(in: 0..<keys, using: &random) }
            let command = RedisCommand("MGET", "k\(indices[0])", "k\(indices[1])", "k\(indices[2])")
            return [Question(command: command, answer: .array(indices.map { .bulk(values[$0]) }))]
        case 2, 3:
            return (0..<Int.random(in: 2...6, using: &random)).map { _ in get(&random) }
        default:
            return [get(&random)]
        }
    }

    private static func ask(_ client: RedisClient, _ questions: [Question], _ timeout: Duration) async -> SoakTally {
        var tally = SoakTally()
        tally.commands = questions.count
        do {
            if questions.count == 1 {
                let reply = try await client.send(questions[0].command, timeout: timeout)
                tally.judge(.success(reply), questions[0].answer)
            } else {
                let results = try await client.pipeline(questions.map(\.command), timeout: timeout)
                for (result, question) in zip(results, questions) { tally.judge(result, question.answer) }
                if results.count != questions.count { tally.mismatches += 1 }
            }
        } catch is CancellationError {
            tally.cancelled += questions.count
        } catch let error as RedisError {
            for question in questions { tally.judge(.failure(error), question.answer) }
        } catch {
            tally.otherErrors += questions.count
        }
        return tally
    }

    // MARK: Faults

    /// The number of the fault whose time has come; each is handed out once, to whoever looks first.
    private func dueFault() -> Int? {
        faults.withLock { faults in
            let now = ContinuousClock.now
            guard now >= faults.nextAt else { return nil }
            faults.nextAt = now + plan.faultEvery
            faults.count += 1
            return faults.count
        }
    }

    private func breakSomething(_ number: Int, _ tally: inout SoakTally) {
        let bytes = faults.withLock { Int.random(in: 1...20_000, using: &$0.random) }
        // Whatever the proxy did before ends now, so that what it held comes late.
        proxy.both(.forward)
        switch number % 8 {
        case 0: proxy.cut(reset: true)
        case 1: proxy.cut(reset: false)
        case 2: proxy.toClients(.cut(afterBytes: bytes, reset: true))
        case 3: proxy.toClients(.cut(afterBytes: bytes, reset: false))
        case 4: proxy.both(.stop)
        case 5: proxy.toClients(.delay(.milliseconds(5)))
        case 6: proxy.toClients(.drip(every: .microseconds(100)))
        default: proxy.toServer(.cut(afterBytes: bytes, reset: true))
        }
        tally.proxyFaults += 1
        // The server is ours and answers within the bounds of the hand client; should it not, there is no fault this time.
        if (try? server.command("CLIENT", "KILL", "TYPE", "normal")) != nil { tally.kills += 1 }
        if number.isMultiple(of: 3), (try? server.command("DEBUG", "SLEEP", "0.01")) != nil { tally.slowCommands += 1 }
    }
}

extension SoakTally {
    mutating func judge(_ result: Result<RESPValue, RedisError>, _ answer: RESPValue) {
        switch result {
        case .success(let value):
            answered += 1
            if value != answer {
                mismatches += 1
                firstMismatch = firstMismatch ?? "\(String(describing: value).prefix(200))"
            }
        case .failure(let error):
            switch error.code {
            case .deadlineExceeded: deadlines += 1
            case .connectionLost, .connectFailed: lost += 1
            default: otherErrors += 1
            }
        }
    }
}
