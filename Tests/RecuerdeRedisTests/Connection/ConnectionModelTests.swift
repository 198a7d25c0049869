import Synchronization
import Testing

@testable import RecuerdeRedis

/// Gathers the continuations of callers that are ready to wait, so that one thread can play their history in any order.
private final class Lobby: Sendable {
    enum Guest {
        case single(PendingReply.Single)
        case many(PendingReply.Many)
    }

    private struct Storage {
        var guests: [Int: Guest] = [:]
        var host: CheckedContinuation<Void, Never>?
    }

    private let expected: Int
    private let storage = Mutex(Storage())

    init(expecting count: Int) {
        expected = count
    }

    func arrive(_ id: Int, _ guest: Guest) {
        let host = storage.withLock { storage in
            storage.guests[id] = guest
            guard storage.guests.count == expected else { return nil as CheckedContinuation<Void, Never>? }
            defer { storage.host = nil }
            return storage.host
        }
        host?.resume()
    }

    func allHaveArrived() async {
        await withCheckedContinuation { continuation in
            let isFull = storage.withLock { storage in
                if storage.guests.count == expected { return true }
                storage.host = continuation
                return false
            }
            if isFull { continuation.resume() }
        }
    }

    func guest(_ id: Int) -> Guest? { storage.withLock { $0.guests[id] } }
}

@Suite struct ConnectionModels {
    /// What a caller got.
    private enum Outcome: Sendable {
        case single(Result<RESPValue, any Error>)
        case many(Result<[Result<RESPValue, RedisError>], any Error>)
    }

    /// Queue, lifecycle and waiting callers together: each caller is let go exactly once, each place is freed exactly once,
    /// and no reply reaches a caller that it is not for.
    @Test(.timeLimit(.minutes(10))) func letEveryCallerGoOnceWithItsOwnReplyInAnyOrderOfEvents() async {
        let histories = TestAmount.number("RECUERDE_MODEL_HISTORIES", otherwise: 10_000)
        var answered = 0
        for history in 0..<histories {
            let (complaint, answers) = await play(seed: UInt64(history))
            answered += answers
            if let complaint {
                Issue.record("history \(history): \(complaint)")
                return
            }
        }
        // A model in which nobody is answered would prove nothing.
        #expect(answered > histories)
    }

    private func play(seed: UInt64) async -> (complaint: String?, answers: Int) {
        var random = SeededRandom(seed: seed)
        let model = ConnectionModel(callers: Int.random(in: 2...9, using: &random), random: &random)
        let lobby = Lobby(expecting: model.callers.count)
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            for caller in model.callers {
                let isSingle = caller.pending.replyCount == 1
                let id = caller.id
                group.addTask {
                    if isSingle {
                        do {
                            return (
                                id,
                                .single(
                                    .success(try await withUnsafeThrowingContinuation { lobby.arrive(id, .single($0)) })
                                )
                            )
                        } catch {
                            return (id, .single(.failure(error)))
                        }
                    }
                    do {
                        return (
                            id,
                            .many(.success(try await withUnsafeThrowingContinuation { lobby.arrive(id, .many($0)) }))
                        )
                    } catch {
                        return (id, .many(.failure(error)))
                    }
                }
            }
            await lobby.allHaveArrived()
            let end = Self.run(model, lobby, random: &random)
            // A caller that nobody has let go would wait here for ever; the account says so before.
            if let complaint = Self.complaint(about: end) {
                // Whoever was forgotten is let go here, or the group would never end.
                for caller in end.callers { caller.pending.cancel() }
                return (complaint, 0)
            }
            var complaint: String?
            var answers = 0
            for await (id, outcome) in group {
                let isAnswer = Self.isAnswer(outcome)
                if isAnswer { answers += 1 }
                if isAnswer, !Self.isRight(outcome, for: id) { complaint = "caller \(id) got \(outcome)" }
            }
            return (complaint, answers)
        }
    }

    private static func run(_ start: ConnectionModel, _ lobby: Lobby, random: inout SeededRandom) -> ConnectionModel {
        var model = start
        let count = model.callers.count
        let enter: (inout ConnectionModel, Int) -> Void = { model, id in
            model.enter(id) { pending in
                switch lobby.guest(id) {
                case .single(let continuation)?:
                    if pending.attach(continuation) { return true }
                    continuation.resume(throwing: CancellationError())
                case .many(let continuation)?:
                    if pending.attach(continuation) { return true }
                    continuation.resume(throwing: CancellationError())
                case nil: break
                }
                return false
            }
        }
        for _ in 0..<Int.random(in: 10...150, using: &random) {
            let share = Double.random(in: 0..<1, using: &random)
            let id = Int.random(in: 0..<count, using: &random)
            // Now and then the number of an attempt that is long over, or has never been.
            let attempt =
                Int.random(in: 0..<5, using: &random) == 0
                ? Int.random(in: 0...20, using: &random) : model.attempt ?? 0
            switch Int.random(in: 0..<24, using: &random) {
            case 20...23: model.isConnected ? model.write() : model.dialSucceeds(attempt)
            case 0...3: enter(&model, id)
            case 4: if share < 0.4 { model.cancel(id) }
            case 5: model.demandNow()
            case 6, 7: model.dialSucceeds(attempt)
            case 8: if share < 0.5 { model.dialFails(attempt, random: share) }
            case 9:
                if share < 0.3 {
                    model.connectionEnds(attempt, random: share)
                } else if share < 0.4 {
                    model.connectionIsClosedByUs(attempt)
                }
            case 10: model.retryIsDue(isNeeded: share < 0.8)
            case 11...13: model.write()
            case 14...16:
                // Rarely without being asked, which ends the connection.
                if model.owesReplies || share < 0.05 { model.serverSpeaks(random: share) }
            case 17: model.look(random: share)
            case 18: if share < 0.05 { model.shutDown() }
            default: model.now += Int64(share * 40)
            }
        }
        for id in 0..<count { enter(&model, id) }
        model.shutDown()
        return model
    }

    private static func complaint(about model: ConnectionModel) -> String? {
        if let first = model.complaints.first { return first }
        if model.places != 0 { return "\(model.places) places are left" }
        for caller in model.callers where caller.departures != 1 {
            return "caller \(caller.id) was let go \(caller.departures) times"
        }
        return nil
    }

    private static func isAnswer(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .single(.success), .many(.success): true
        case .single(.failure), .many(.failure): false
        }
    }

    /// A caller gets its own replies, and a pipeline that broke half-way gets the others as failures.
    private static func isRight(_ outcome: Outcome, for id: Int) -> Bool {
        switch outcome {
        case .single(.success(let value)): value == ConnectionModel.reply(id, 0)
        case .many(.success(let results)):
            results.enumerated().allSatisfy { number, result in
                (try? result.get()).map { $0 == ConnectionModel.reply(id, number) } ?? true
            }
        case .single(.failure), .many(.failure): true
        }
    }
}
