import Recuerde
import RecuerdeTesting
import Synchronization

/// A scripted remote tier that tells its nodes of each other's changes, as client tracking does: each node once for each entry that it has
/// read, and none of its own writes.
final class NoticeBoard: Sendable {
    /// What becomes of notices for a node.
    enum Delivery: Sendable {
        case atOnce
        /// Kept until ``NoticeBoard/deliver(to:)``.
        case held
        /// Lost without anyone's noticing.
        case lost
    }

    private struct Listener {
        weak var listener: (any InvalidationListener)?
        var line: InvalidationLine?
        var tracked: Set<String> = []
        var delivery = Delivery.atOnce
        var held: [String] = []
    }

    private let listeners = Mutex<[Int: Listener]>([:])
    private let remote: ScriptedRemoteTier

    init(_ remote: ScriptedRemoteTier) {
        self.remote = remote
    }

    /// The remote tier as one node sees it.
    func node(_ number: Int) -> Node {
        Node(number: number, board: self, remote: remote)
    }

    func setDelivery(_ delivery: Delivery, to node: Int) {
        listeners.withLock { $0[node]?.delivery = delivery }
    }

    /// Tells what was held.
    func deliver(to node: Int) {
        let (listener, names) = listeners.withLock { listeners in
            defer { listeners[node]?.held = [] }
            listeners[node]?.delivery = .atOnce
            return (listeners[node]?.listener, listeners[node]?.held ?? [])
        }
        listener?.changed(names)
    }

    /// The node's line breaks.
    func cut(_ node: Int) {
        let (listener, line) = listeners.withLock { listeners in
            defer {
                listeners[node]?.line = nil
                listeners[node]?.tracked = []
            }
            return (listeners[node]?.listener, listeners[node]?.line)
        }
        if let line { listener?.closed(line) }
    }

    /// A new line.
    func join(_ node: Int) {
        let line = listeners.withLock { $0[node]?.listener }?.opened()
        listeners.withLock { $0[node]?.line = line }
    }

    func prove(_ node: Int, before: Duration = .zero) {
        let (listener, line) = listeners.withLock { ($0[node]?.listener, $0[node]?.line) }
        if let line { listener?.proved(line, before: before) }
    }

    /// Everything is lost, and everyone is told so.
    func flush() {
        remote.loseData()
        let told = listeners.withLock { listeners in
            for number in listeners.keys { listeners[number]?.tracked = [] }
            return listeners
        }
        for (number, told) in told {
            guard let line = told.line else { continue }
            let next = told.listener?.changedAll(line)
            listeners.withLock { $0[number]?.line = next }
        }
    }

    /// Another program has changed entries.
    func change(_ names: [String], by node: Int? = nil) {
        let told = listeners.withLock { listeners in
            var told: [(any InvalidationListener, [String])] = []
            for number in listeners.keys where number != node {
                let concerned = names.filter { listeners[number]?.tracked.remove($0) != nil }
                guard !concerned.isEmpty, let listener = listeners[number]?.listener else { continue }
                switch listeners[number]?.delivery {
                case .atOnce: told.append((listener, concerned))
                case .held: listeners[number]?.held += concerned
                case .lost, nil: break
                }
            }
            return told
        }
        for (listener, names) in told { listener.changed(names) }
    }

    fileprivate func track(_ names: [String], for node: Int) {
        listeners.withLock { listeners in
            if listeners[node]?.line != nil { listeners[node]?.tracked.formUnion(names) }
        }
    }

    fileprivate func line(of node: Int) -> InvalidationLine? {
        listeners.withLock { $0[node]?.line }
    }

    fileprivate func add(_ listener: any InvalidationListener, as node: Int) {
        listeners.withLock { $0[node] = Listener(listener: listener) }
        join(node)
    }

    /// One node's view.
    final class Node: RemoteTier {
        private let number: Int
        private let board: NoticeBoard
        private let remote: ScriptedRemoteTier
        private let interlude = Mutex<(@Sendable () async -> Void)?>(nil)
        private let fault = Mutex<RemoteTierError?>(nil)

        fileprivate init(number: Int, board: NoticeBoard, remote: ScriptedRemoteTier) {
            self.number = number
            self.board = board
            self.remote = remote
        }

        /// What happens once, when the next exchange has been carried out and its answer is under way.
        func beforeNextAnswer(_ body: @escaping @Sendable () async -> Void) {
            interlude.withLock { $0 = body }
        }

        /// What this node's exchanges fail with from now on, while others reach the store; nil for nothing.
        func cutOff(_ error: RemoteTierError? = RemoteTierError(.unavailable, "scripted to be cut off")) {
            fault.withLock { $0 = error }
        }

        private func reach() throws {
            if let error = fault.withLock(\.self) { throw error }
        }

        private func answer() async {
            let body = interlude.withLock { interlude in
                defer { interlude = nil }
                return interlude
            }
            await body?()
        }

        var address: String { remote.address }

        func listen(_ listener: any InvalidationListener) {
            board.add(listener, as: number)
        }

        func witness(of name: String, for listener: any InvalidationListener) -> RemoteWitness? {
            board.line(of: number).map { RemoteWitness(line: $0) }
        }

        func read(_ names: [String], with details: RemoteReadDetails, timeout: Duration) async throws -> RemoteRead {
            try reach()
            board.track(names, for: number)
            let read = try await remote.read(names, with: details, timeout: timeout)
            await answer()
            return read
        }

        func write(
            _ writes: [RemoteWrite],
            timeout: Duration
        ) async throws -> [Result<RemoteOutcome, RemoteTierError>] {
            try reach()
            let outcomes = try await remote.write(writes, timeout: timeout)
            let names = writes.map(\.name)
            board.track(names, for: number)
            let applied = zip(names, outcomes).filter { (try? $0.1.get().applied) == true }.map(\.0)
            board.change(applied, by: number)
            await answer()
            return outcomes
        }

        func scan(pattern: String, cursor: String?, count: Int, timeout: Duration) async throws -> RemotePage {
            try reach()
            return try await remote.scan(pattern: pattern, cursor: cursor, count: count, timeout: timeout)
        }

        func plant(
            _ names: [String],
            timeToLive: Duration,
            timeout: Duration
        ) async throws -> [Result<RemoteToken, RemoteTierError>] {
            try reach()
            return try await remote.plant(names, timeToLive: timeToLive, timeout: timeout)
        }

        func marks(_ name: String, noting clear: Stamp?, timeout: Duration) async throws -> RemoteMarks {
            try reach()
            return try await remote.marks(name, noting: clear, timeout: timeout)
        }

        func sweep(_ names: [String], stamp: Stamp, format: WireFormat, timeout: Duration) async throws -> Int {
            try reach()
            let count = try await remote.sweep(names, stamp: stamp, format: format, timeout: timeout)
            board.change(names.filter { remote.record($0) == nil }, by: number)
            return count
        }

        func time(timeout: Duration) async throws -> Stamp {
            try reach()
            return try await remote.time(timeout: timeout)
        }
    }
}
