import DequeModule
import NIOCore

/// Who waits for replies, as far as the queue needs to know.
protocol QueuedCaller: Sendable {
    /// When the caller stops waiting, in nanoseconds.
    var deadline: Int64 { get }
    /// How many replies belong to it.
    var replyCount: Int { get }
    /// True if nothing needs to be sent for it any more.
    var isFinished: Bool { get }
}

/// The order of commands on one connection: first those that wait to be written, then those that wait for replies.
///
/// Replies carry no name; only their order tells whose they are. So a written command keeps its place until its reply
/// has come, even when its caller is long gone, and the reply is dropped then. Every caller that enters leaves through
/// exactly one of the actions. Times are plain numbers; there is no I/O here.
struct CommandQueue<Caller: QueuedCaller> {
    struct Waiting: Sendable {
        let caller: Caller
        /// The first command; nearly always the only one.
        let first: ByteBuffer
        /// The other commands of a pipeline.
        var rest: [ByteBuffer] = []
    }

    private struct Written {
        let caller: Caller
        let deadline: Int64
        var remaining: Int
        var hasExpired = false
    }

    /// What a look at the clock brought.
    struct Expiry {
        /// Their commands may have been executed.
        var written: [Caller] = []
        /// Their commands were never sent and have left the queue.
        var waiting: [Caller] = []
        /// The places that the waiting ones have freed.
        var freedPlaces = 0
        /// When to look again; nil if nobody waits.
        var nextLook: Int64?
        /// True if the peer owes replies and has been silent for too long.
        var isSilent = false
    }

    private var waiting = WaitingLine<Waiting>()
    /// Those that were found too late to be written, until the next look at the clock.
    private var overdue: [Waiting] = []
    private var written = Deque<Written>()
    /// When the peer last sent a byte, or began to owe a reply.
    private var lastSign: Int64 = 0
    private var expiredSinceSign = 0
    private let silenceLimit: Int64
    /// A slow command or two prove nothing; the third deadline without a byte does.
    private let silentDeadlines = 3

    init(silenceLimit: Int64) {
        self.silenceLimit = max(1, silenceLimit)
    }

    var isEmpty: Bool { waiting.isEmpty && written.isEmpty && overdue.isEmpty }
    var count: Int { waiting.count + written.count + overdue.count }
    var hasWaiting: Bool { !waiting.isEmpty }
    var writtenCount: Int { written.count }

    /// True if somebody waits for a reply to something written and has time left.
    func owes(now: Int64) -> Bool {
        written.contains { !$0.hasExpired && $0.deadline > now && !$0.caller.isFinished }
    }

    /// Appends a command.
    mutating func enqueue(_ item: Waiting) {
        waiting.append(item)
    }

    /// Appends commands, and leaves an empty array with room behind. Returns the earliest of their deadlines.
    mutating func enqueue(contentsOf items: inout [Waiting]) -> Int64 {
        var earliest = Int64.max
        for index in items.indices { earliest = min(earliest, items[index].caller.deadline) }
        waiting.append(contentsOf: &items)
        return earliest
    }

    /// Moves commands to those that wait for a reply and joins their bytes, until there are at least `limit` of them.
    ///
    /// A command of that size is not copied: it is returned, and goes out after what has been joined. `freed` as in
    /// `takeForWriting(now:freed:)`.
    mutating func takeForWriting(now: Int64, into output: inout ByteBuffer, limit: Int, freed: inout Int) -> Waiting? {
        while output.readableBytes < limit, !waiting.isEmpty {
            guard waiting.first.rest.isEmpty, waiting.first.first.readableBytes < limit else {
                return takeForWriting(now: now, freed: &freed)
            }
            guard startsWaitingForReply(now: now, freed: &freed) else { continue }
            output.writeImmutableBuffer(waiting.first.first)
            waiting.removeFirst()
        }
        return nil
    }

    /// The socket takes no more for now: what has been moved is let go of.
    mutating func writingPauses() {
        waiting.compact()
    }

    /// Moves the next command to those that wait for a reply; nil if none waits.
    ///
    /// A command whose caller is gone is dropped unsent: its places are added to `freed`. One whose deadline has passed is
    /// not sent either, and leaves with the next look at the clock.
    mutating func takeForWriting(now: Int64, freed: inout Int) -> Waiting? {
        while !waiting.isEmpty {
            if startsWaitingForReply(now: now, freed: &freed) { return waiting.popFirst() }
        }
        return nil
    }

    /// Gives the first command its place among those that wait for a reply. False if it is not to be sent: then it is
    /// gone from the line.
    private mutating func startsWaitingForReply(now: Int64, freed: inout Int) -> Bool {
        if waiting.first.caller.isFinished {
            freed += waiting.first.caller.replyCount
            waiting.removeFirst()
            return false
        }
        if waiting.first.caller.deadline <= now {
            overdue.append(waiting.first)
            waiting.removeFirst()
            return false
        }
        if written.isEmpty {
            lastSign = now
            expiredSinceSign = 0
        }
        let caller = waiting.first.caller
        written.append(Written(caller: caller, deadline: caller.deadline, remaining: caller.replyCount))
        return true
    }

    /// The peer has sent bytes.
    mutating func receivedBytes(now: Int64) {
        lastSign = now
        expiredSinceSign = 0
    }

    /// The peer has sent so many whole replies: whose are the first ones, and how many of them? Nil if nobody asked.
    mutating func receivedReplies(_ count: Int) -> (caller: Caller, count: Int, isLast: Bool)? {
        guard !written.isEmpty, count > 0 else { return nil }
        let missing = written[0].remaining
        if missing <= count, let head = written.popFirst() { return (head.caller, max(1, missing), true) }
        written[0].remaining = missing - count
        return (written[0].caller, count, false)
    }

    /// Looks who has waited long enough.
    mutating func expire(now: Int64) -> Expiry {
        var result = Expiry()
        var next = Int64.max
        for index in written.indices where !written[index].hasExpired {
            let entry = written[index]
            if entry.deadline <= now {
                written[index].hasExpired = true
                expiredSinceSign += 1
                result.written.append(entry.caller)
            } else {
                next = min(next, entry.deadline)
            }
        }
        var hasGone = false
        for item in waiting {
            if item.caller.isFinished {
                hasGone = true
            } else if item.caller.deadline <= now {
                hasGone = true
                result.waiting.append(item.caller)
            } else {
                next = min(next, item.caller.deadline)
            }
        }
        if hasGone {
            waiting.removeAll { item in
                guard item.caller.isFinished || item.caller.deadline <= now else { return false }
                result.freedPlaces += item.caller.replyCount
                return true
            }
        }
        for item in overdue {
            result.freedPlaces += item.caller.replyCount
            if !item.caller.isFinished { result.waiting.append(item.caller) }
        }
        overdue.removeAll()
        if !written.isEmpty, expiredSinceSign >= silentDeadlines {
            let silentAt = lastSign.addingReportingOverflow(silenceLimit).partialValue
            if silentAt <= now { result.isSilent = true } else { next = min(next, silentAt) }
        }
        result.nextLook = next == Int64.max ? nil : next
        return result
    }

    /// The connection is gone: everyone who waits for a reply leaves. Returns them with the places to free.
    mutating func failWritten() -> (callers: [Caller], freedPlaces: Int) {
        let callers = written.map(\.caller)
        let places = callers.reduce(0) { $0 + $1.replyCount }
        written.removeAll()
        expiredSinceSign = 0
        return (callers, places)
    }

    /// Takes out those whose deadline lies before a moment, because no connection is to be had until then.
    mutating func takeWaiting(before moment: Int64) -> [Waiting] {
        var taken = overdue
        overdue = []
        waiting.removeAll { item in
            guard item.caller.deadline < moment else { return false }
            taken.append(item)
            return true
        }
        return taken
    }

    /// Takes out all that have not been written.
    mutating func takeAllWaiting() -> [Waiting] {
        defer {
            waiting.removeAll { _ in true }
            overdue = []
        }
        return overdue + Array(waiting)
    }
}

extension CommandQueue where Caller == PendingReply {
    /// Gives replies to those who wait for them. Returns how many have found somebody: all, or those before the first
    /// one that nobody asked for.
    mutating func deliver(
        _ values: ArraySlice<RESPValue>,
        completions: inout [PendingReply.Completion],
        freed: inout Int
    ) -> Int {
        var index = values.startIndex
        while index < values.endIndex, let (caller, count, isLast) = receivedReplies(values.endIndex - index) {
            if isLast { freed += caller.replyCount }
            let completion =
                count == 1 ? caller.receive(values[index]) : caller.receive(values[index..<(index + count)])
            if let completion { completions.append(completion) }
            index += count
        }
        return index - values.startIndex
    }
}
