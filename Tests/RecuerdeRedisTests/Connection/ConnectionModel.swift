import NIOCore
import Synchronization

@testable import RecuerdeRedis

/// The state machines of a connection without sockets, loops and clocks: does with their answers what `ConnectionCore`
/// does, and keeps account of every caller, every place and every reply.
struct ConnectionModel {
    typealias Queue = CommandQueue<PendingReply>

    /// What a caller of the model waits for.
    struct Caller {
        let id: Int
        let pending: PendingReply
        var hasEntered = false
        /// How often it was let go; in the end exactly once.
        var departures = 0
    }

    private(set) var callers: [Caller] = []
    private(set) var places = 0
    /// What went wrong with the account.
    private(set) var complaints: [String] = []
    var now: Int64 = 0

    private var lifecycle = ConnectionLifecycle(
        backoff: RedisBackoff(base: .nanoseconds(20), cap: .nanoseconds(200))
    )
    private var queue = Queue(silenceLimit: 60)
    /// The replies that the server owes, in order: the caller and the number of its reply.
    private var owed: [(id: Int, number: Int)] = []
    private(set) var isConnected = false
    private let lost = RedisError(.connectionLost, phase: .reply, message: "lost")
    private let refused = RedisError(.connectFailed, phase: .connecting, message: "refused")

    init(callers count: Int, random: inout SeededRandom) {
        for id in 0..<count {
            let replies = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 2...4, using: &random) : 1
            let deadline = Int64.random(in: 1...300, using: &random)
            callers.append(
                Caller(id: id, pending: PendingReply(name: "\(id)", replyCount: replies, deadline: deadline))
            )
        }
    }

    /// What the server answers to the n-th command of a caller.
    static func reply(_ id: Int, _ number: Int) -> RESPValue { .integer(id * 100 + number) }

    // MARK: Events

    /// A caller begins to wait. `attach` hands over its continuation; false if it was cancelled before.
    mutating func enter(_ id: Int, attach: (PendingReply) -> Bool) {
        guard !callers[id].hasEntered else { return }
        callers[id].hasEntered = true
        let pending = callers[id].pending
        places += pending.replyCount
        guard attach(pending) else {
            places -= pending.replyCount
            callers[id].departures += 1
            return
        }
        // Its bytes tell whose command was written. Some of the pipelines are in pieces.
        let rest = pending.replyCount > 1 && id.isMultiple(of: 2) ? [ByteBuffer()] : []
        let item = Queue.Waiting(caller: pending, first: ByteBuffer(string: "\(id) "), rest: rest)
        if lifecycle.isShutDown {
            fail([item], lost)
            return
        }
        queue.enqueue(item)
        if !lifecycle.isConnected {
            _ = lifecycle.demanded(now: now)
            failHopeless()
        }
    }

    mutating func cancel(_ id: Int) {
        // Before it has entered, nobody waits yet; it is let go when it tries to.
        if callers[id].hasEntered, !callers[id].pending.isFinished { callers[id].departures += 1 }
        callers[id].pending.cancel()
    }

    mutating func demandNow() { _ = lifecycle.demandedNow() }

    mutating func dialSucceeds(_ attempt: Int) {
        let isCurrent = lifecycle.dialing == attempt
        guard lifecycle.dialSucceeded(attempt, now: now) else {
            if isCurrent { complaints.append("the present attempt was not taken") }
            return
        }
        if !isCurrent { complaints.append("an old attempt was taken") }
        isConnected = true
    }

    mutating func dialFails(_ attempt: Int, random: Double) {
        let action = lifecycle.dialFailed(attempt, reason: refused, now: now, random: random)
        if case .retry = action { failHopeless() }
    }

    mutating func connectionEnds(_ attempt: Int, random: Double) {
        let action = lifecycle.connectionLost(attempt, reason: lost, now: now, random: random)
        guard case .retry = action else { return }
        isConnected = false
        owed = []
        failWritten()
        failHopeless()
    }

    mutating func connectionIsClosedByUs(_ attempt: Int) {
        guard lifecycle.isConnected, lifecycle.current == attempt else { return }
        lifecycle.closedByUs(attempt, now: now)
        if lifecycle.nextAttempt != nil || lifecycle.reason != nil {
            complaints.append("an own end counts as a failure")
        }
        isConnected = false
        owed = []
        failWritten()
        if queue.hasWaiting, case .none = lifecycle.demanded(now: now) {
            complaints.append("nobody dials for those who wait")
        }
    }

    mutating func retryIsDue(isNeeded: Bool) { _ = lifecycle.retryIsDue(now: now, isNeeded: isNeeded) }

    /// The attempt under way, or the one of the connection.
    var attempt: Int? { lifecycle.current }

    var owesReplies: Bool { !owed.isEmpty }

    mutating func write() {
        guard lifecycle.isConnected else { return }
        var freed = 0
        var output = ByteBuffer()
        let inPieces = queue.takeForWriting(now: now, into: &output, limit: 8, freed: &freed)
        var written = String(buffer: output).split(separator: " ").compactMap { Int($0) }
        if let id = inPieces.flatMap({ Int($0.caller.name) }) { written.append(id) }
        for id in written { for number in 0..<callers[id].pending.replyCount { owed.append((id, number)) } }
        places -= freed
    }

    /// The server answers some of the oldest commands in one read, or says something that nobody asked for.
    mutating func serverSpeaks(random: Double) {
        guard isConnected, let attempt = lifecycle.current else { return }
        queue.receivedBytes(now: now)
        let answered = owed.prefix(1 + Int(random * 1000) % 4)
        let values = answered.isEmpty ? [.simple("unasked")] : answered.map { Self.reply($0.id, $0.number) }
        // Whoever has the last of its replies here goes on, unless it has left before.
        let goOn = answered.map { callers[$0.id].pending }.enumerated().filter { position, pending in
            answered[answered.startIndex + position].number == pending.replyCount - 1 && !pending.isFinished
        }.map(\.element)
        var completions: [PendingReply.Completion] = []
        var freed = 0
        let given = queue.deliver(values[...], completions: &completions, freed: &freed)
        places -= freed
        if given != answered.count { complaints.append("of \(answered.count) replies \(given) were given") }
        if completions.count != goOn.count { complaints.append("\(completions.count) of \(goOn.count) went on") }
        owed.removeFirst(answered.count)
        for (pending, completion) in zip(goOn, completions) { depart(pending, completion) }
        if answered.isEmpty { connectionEnds(attempt, random: random) }
    }

    mutating func look(random: Double) {
        let expiry = queue.expire(now: now)
        places -= expiry.freedPlaces
        for caller in expiry.written { depart(caller, caller.fail(lost.with(mayHaveExecuted: true))) }
        for caller in expiry.waiting { depart(caller, caller.fail(refused)) }
        if expiry.isSilent, let attempt = lifecycle.current { connectionEnds(attempt, random: random) }
    }

    mutating func shutDown() {
        lifecycle.shutDown()
        isConnected = false
        owed = []
        failWritten()
        fail(queue.takeAllWaiting(), refused)
    }

    // MARK: Departures

    private mutating func failHopeless() {
        guard queue.hasWaiting, let (until, reason) = lifecycle.nextAttempt else { return }
        fail(queue.takeWaiting(before: until), reason)
    }

    private mutating func fail(_ items: [Queue.Waiting], _ error: RedisError) {
        for item in items {
            places -= item.caller.replyCount
            depart(item.caller, item.caller.fail(error))
        }
    }

    private mutating func failWritten() {
        let (written, freed) = queue.failWritten()
        places -= freed
        for caller in written { depart(caller, caller.fail(lost.with(mayHaveExecuted: true))) }
    }

    private mutating func depart(_ caller: PendingReply, _ completion: PendingReply.Completion?) {
        guard let completion, let id = Int(caller.name) else { return }
        callers[id].departures += 1
        completion.resume()
    }
}
