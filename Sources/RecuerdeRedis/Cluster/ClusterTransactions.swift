/// The transactions in a pipeline: what stands from MULTI to EXEC or DISCARD. There is no I/O here.
///
/// What stands between the two is only queued there. Sent again alone, it would be executed outside of its transaction,
/// and perhaps twice, so that a transaction is repeated as a whole or not at all.
struct ClusterTransactions {
    struct Span: Equatable {
        let positions: Range<Int>
        /// It ends with EXEC, and has keys of one slot at most: another node may do better with it.
        let isRepeatable: Bool
    }

    /// In order; they do not overlap.
    let spans: [Span]

    init(_ commands: [RedisCommand]) {
        var spans: [Span] = []
        var start: Int?
        var slots: Set<UInt16> = []
        for (position, command) in commands.enumerated() {
            guard let first = start else {
                if case .begins = command.sharing { start = position }
                continue
            }
            if let slot = command.slot { slots.insert(slot) }
            guard case .ends(let executes) = command.sharing else { continue }
            spans.append(Span(positions: first..<position + 1, isRepeatable: executes && slots.count <= 1))
            start = nil
            slots = []
        }
        // Without an end it goes on to the end of the pipeline.
        if let start { spans.append(Span(positions: start..<commands.count, isRepeatable: false)) }
        self.spans = spans
    }

    /// The failure for whose sake a transaction that ends with EXEC may be sent again, and where it came: nothing of it
    /// has been executed. Nil: it stays as it was answered.
    static func failure(in replies: [Result<RESPValue, RedisError>]) -> (offset: Int, error: RedisError)? {
        guard case .failure(let end) = replies.last, !end.mayHaveExecuted else { return nil }
        if case .failure(let refusal) = replies.first {
            // Without MULTI, all that followed was executed by itself.
            for reply in replies {
                guard case .failure(let error) = reply, !error.mayHaveExecuted else { return nil }
            }
            return (0, refusal)
        }
        guard end.code == .server, end.serverCode == "EXECABORT" else { return (replies.count - 1, end) }
        // What could not be queued says why.
        for (offset, reply) in replies.dropLast().enumerated() {
            if case .failure(let error) = reply { return (offset, error) }
        }
        return nil
    }
}
