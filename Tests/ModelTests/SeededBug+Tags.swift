@testable import Recuerde
import RecuerdeTesting
import Synchronization

extension SeededBug {
    /// The tier of a node with one of the bugs about tags; nil for all others.
    func tagTier(around tier: ScriptedNode, over store: ScriptedRemoteTier) -> (any RemoteTier)? {
        switch self {
        case .lowersFloors, .believesMissingRecords, .stampsFillsLate, .losesTagInvalidations, .overhearsRecords:
            FaultyTagTier(bug: self, tier: tier, store: store)
        default: nil
        }
    }
}

/// A tier with a seeded bug about tags.
private struct FaultyTagTier: ForwardingTier {
    let bug: SeededBug
    let tier: ScriptedNode
    let store: ScriptedRemoteTier
    let ear = DeafEar()

    var base: any RemoteTier { tier }

    func listen(_ listener: any InvalidationListener) {
        guard bug == .overhearsRecords else { return tier.listen(listener) }
        ear.hears(for: listener)
        tier.listen(ear)
    }

    func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
        var read = try await tier.read(names, with: details, timeout: timeout)
        guard bug == .believesMissingRecords else { return read }
        for (index, name) in names.enumerated() where name.hasSuffix("}:g") && read.entries[index] == nil {
            read.entries[index] = RemoteTag.bytes(expired: .zero, removed: .zero)
        }
        return read
    }

    func write(
        _ writes: [RemoteWrite],
        timeout: Duration
    ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
        guard bug == .stampsFillsLate else { return try await tier.write(writes, timeout: timeout) }
        let time = try await tier.time(timeout: timeout)
        let late = writes.map { write in
            var write = write
            if case .ifToken(let stamp, let token) = write.condition {
                write.condition = .ifToken(max(stamp, time), token: token)
            }
            return write
        }
        return try await tier.write(late, timeout: timeout)
    }

    func tags(
        _ steps: [RemoteTagStep],
        timeout: Duration
    ) async throws -> [Result<RemoteTag, RemoteTierError>] {
        var steps = steps
        for index in steps.indices {
            switch steps[index].operation {
            case .keep where bug == .believesMissingRecords: steps[index].operation = .keep(missing: .zero)
            case .invalidate where bug == .losesTagInvalidations: steps[index].operation = .keep(missing: nil)
            default: break
            }
        }
        var outcomes = try await tier.tags(steps, timeout: timeout)
        guard bug == .lowersFloors else { return outcomes }
        for (index, step) in steps.enumerated() {
            guard case .raise(let stamp, let removes) = step.operation, case .success(var tag) = outcomes[index] else {
                continue
            }
            // Whoever comes last is believed.
            (tag.expired, tag.removed) = (stamp, removes ? stamp : .zero)
            outcomes[index] = .success(tag)
            store.plant(
                step.name,
                bytes: RemoteTag.bytes(expired: tag.expired, removed: tag.removed),
                timeToLive: step.life
            )
        }
        return outcomes
    }
}

/// An ear that hears of entries and not of records.
private final class DeafEar: InvalidationListener {
    private struct Held {
        weak var listener: (any InvalidationListener)?
    }

    private let held = Mutex(Held())
    private var listener: (any InvalidationListener)? { held.withLock { $0.listener } }

    var provingPace: Duration { listener?.provingPace ?? .seconds(1) }

    func hears(for listener: any InvalidationListener) { held.withLock { $0.listener = listener } }
    func opened(tellsOwnWrites: Bool) -> InvalidationLine? { listener?.opened(tellsOwnWrites: tellsOwnWrites) }
    func proved(_ line: InvalidationLine, before: Duration) { listener?.proved(line, before: before) }
    func closed(_ line: InvalidationLine) { listener?.closed(line) }

    func changed(_ names: [String], on line: InvalidationLine?) {
        let heard = names.filter { !$0.hasSuffix("}:g") }
        if !heard.isEmpty { listener?.changed(heard, on: line) }
    }

    func changedAll(_ line: InvalidationLine) -> InvalidationLine? { listener?.changedAll(line) }
}
