import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Feeds one input to parsers, cut into reads in many ways, and compares what they make of it.
private struct RESPJudge {
    /// Narrow, so that broken input meets them.
    private static let narrow = RESPParser.Limits(replyBytes: 4096, depth: 6, lineBytes: 256)
    /// For valid input, which may be larger.
    private static let wide = RESPParser.Limits(replyBytes: 1 << 22, depth: 6, lineBytes: 256)
    private static let stride = MemoryLayout<RESPValue>.stride

    private struct Outcome {
        var values: [RESPValue] = []
        var fault: RESPFault?
        /// The most that the parser held at the end of a read.
        var held = 0

        func isSame(as other: Outcome) -> Bool {
            // As text only where needed: a not-a-number differs from itself.
            fault == other.fault
                && (values == other.values || String(describing: values) == String(describing: other.values))
        }
    }

    /// What is wrong, or nil.
    static func complaint(about input: RESPMutator.Input, index: Int, mutator: inout RESPMutator) -> String? {
        let bytes = ByteBuffer(bytes: input.bytes)
        let count = bytes.readableBytes
        let limits = input.validReplies == nil ? narrow : wide
        let whole = parse(bytes, limits, cuts: [])
        if let replies = input.validReplies, whole.fault != nil || whole.values.count != replies {
            return "a valid input was not read as \(replies) replies: \(whole.fault?.message ?? "no fault")"
        }
        for value in whole.values where size(value) > limits.replyBytes { return "a reply passes the limit" }
        let split = mutator.below(count + 1)
        var variants = [[split]]
        if index.isMultiple(of: 16) { variants.append(Array(1..<max(1, count))) }
        if index.isMultiple(of: 16) { variants.append((0..<4).map { _ in mutator.below(count + 1) }.sorted()) }
        if index.isMultiple(of: 512), count <= 400 { variants += (0...count).map { [$0] } }
        for cuts in variants {
            let parts = parse(bytes, limits, cuts: cuts)
            guard parts.isSame(as: whole) else { return "another result when cut at \(cuts)" }
            // The reads themselves, buffers of at most twice what came, and the first 64 places of each open list.
            let bound = 2 * limits.replyBytes + 2 * count + 8192 + (limits.depth + 1) * 64 * stride
            guard parts.held <= bound else { return "\(parts.held) bytes held when cut at \(cuts)" }
        }
        return nil
    }

    private static func parse(_ bytes: ByteBuffer, _ limits: RESPParser.Limits, cuts: [Int]) -> Outcome {
        var parser = RESPParser(limits: limits)
        var outcome = Outcome()
        var start = 0
        do throws(RESPFault) {
            for end in cuts + [bytes.readableBytes] {
                guard let read = bytes.getSlice(at: start, length: end - start) else { continue }
                start = end
                parser.append(read)
                while let value = try parser.next() {
                    outcome.values.append(value)
                    // Every reply takes at least three bytes; more than that would be an endless loop.
                    guard outcome.values.count <= bytes.readableBytes else { throw RESPFault("endless") }
                }
                outcome.held = max(outcome.held, parser.heldBytes)
            }
        } catch {
            outcome.fault = error
        }
        return outcome
    }

    /// What a reply takes in memory: its text and bytes, and the places of elements.
    private static func size(_ value: RESPValue) -> Int {
        switch value {
        case .array(let list), .set(let list), .push(let list): list.reduce(0) { $0 + size($1) + stride }
        case .map(let map): map.flat.reduce(0) { $0 + size($1) + stride }
        case .simple(let text), .bigNumber(let text): text.utf8.count
        case .error(let error): error.text.utf8.count
        case .bulk(let bytes), .verbatim(_, let bytes): bytes.readableBytes
        case .null, .boolean, .integer, .double: 0
        }
    }
}

@Suite struct FuzzedReplies {
    /// No crash, no hang, no memory beyond the limits; and the same result however the input is cut into reads.
    ///
    /// `scripts/fuzz` runs it with ten million inputs.
    @Test(.timeLimit(.minutes(60))) func areReadTheSameHoweverTheyAreSplit() throws {
        let seed = TestAmount.number("RECUERDE_FUZZ_SEED", otherwise: 20_261_124)
        let count = TestAmount.number("RECUERDE_FUZZ_INPUTS", otherwise: 200_000)
        var mutator = RESPMutator(seed: UInt64(truncatingIfNeeded: seed))
        var bytes = 0
        var valid = 0
        let before = ProcessUse.residentBytes
        for index in 0..<count {
            let input = mutator.next()
            bytes += input.bytes.count
            if input.validReplies != nil { valid += 1 }
            if let complaint = RESPJudge.complaint(about: input, index: index, mutator: &mutator) {
                Issue.record("input \(index) of seed \(seed): \(complaint); bytes \(input.bytes)")
                return
            }
        }
        #expect(valid > count / 16)
        // Nothing of an input is kept after it.
        #expect(ProcessUse.residentBytes - before < 64 << 20)
        if count > 200_000 {
            print("fuzz resp: \(count) inputs of seed \(seed), \(bytes) bytes, \(valid) valid: no fault found")
        }
    }

    @Test func holdLittleWhateverLengthIsAnnounced() throws {
        let kinds = ["$", "*", "%", "~", ">", "!", "=", "|"]
        let lengths = [
            "9223372036854775807", "2147483648", "536870912", "500000000", "20000000", "10000000", "1000000",
        ]
        // As a client is configured unless told otherwise.
        let limits = RESPParser.Limits(replyBytes: 512 * 1024 * 1024, depth: 32)
        for kind in kinds {
            for length in lengths {
                var parser = RESPParser(limits: limits)
                // Announced in each other, as deep as it goes.
                for _ in 0..<32 {
                    parser.append(ByteBuffer(string: "\(kind)\(length)\r\n"))
                    let value = try? parser.next()
                    #expect(value == nil)
                    #expect(parser.heldBytes < 1 << 20, "\(kind)\(length)")
                }
            }
        }
    }

    @Test func aLengthAboveTheConfiguredMaximumIsRefusedBeforeAnythingOfItHasCome() {
        var parser = RESPParser(limits: .init(replyBytes: 512 * 1024 * 1024, depth: 32))
        parser.append(ByteBuffer(string: "$536870913\r\n"))
        #expect(throws: RESPFault.self) { try parser.next() }
        #expect(parser.heldBytes == 0)
    }

    /// A reply parsed anew from its start at each read would take a hundred times as long for ten times the length.
    @Test func aListOfTenTimesTheLengthTakesAboutTenTimesAsLong() throws {
        func duration(_ elements: Int) throws -> Duration {
            var bytes = ByteBuffer(string: "*\(elements)\r\n")
            for _ in 0..<elements { bytes.writeString("$8\r\nelement.\r\n") }
            let clock = ContinuousClock()
            var best = Duration.seconds(1000)
            for _ in 0..<3 {
                var parser = RESPParser(limits: .init(replyBytes: 512 << 20, depth: 32))
                var rest = bytes
                var found = 0
                let start = clock.now
                // Reads of an odd size, so that nearly each one cuts a value.
                while let read = rest.readSlice(length: min(1999, rest.readableBytes)), read.readableBytes > 0 {
                    parser.append(read)
                    while let value = try parser.next() { found = value.elements?.count ?? 0 }
                }
                best = min(best, clock.now - start)
                #expect(found == elements)
            }
            return best
        }
        let short = try duration(10_000)
        let long = try duration(100_000)
        #expect(long < short * 40, "\(long) and \(short)")
    }
}
