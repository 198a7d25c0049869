import Synchronization

/// Which loads wait for which, so that a circle is found before it closes. One for the whole process, since a circle may go through
/// several caches.
///
/// Only a load that asks for something it has to wait for is entered here; other callers pay a look at a task-local value.
final class WaitGraph: Sendable {
    static let shared = WaitGraph()

    /// The load in which this task runs. Tasks that a load starts inherit it, detached ones do not: a circle through those is ended by
    /// the loads' deadlines only.
    @TaskLocal static var current: Node?

    /// A load.
    final class Node: Sendable {}

    /// For each load those that it waits for, as often as it does.
    private let edges = Mutex<[ObjectIdentifier: [ObjectIdentifier: Int]]>([:])

    /// Whether a load waits for any.
    func isWaiting(_ node: Node) -> Bool { edges.withLock { $0[ObjectIdentifier(node)] != nil } }

    /// How many loads wait for others.
    var count: Int { edges.withLock { $0.count } }

    /// A load begins to wait for another; false, and nothing is entered, where that one waits for the first already.
    func begin(_ waiting: Node, for other: Node) -> Bool {
        let (from, to) = (ObjectIdentifier(waiting), ObjectIdentifier(other))
        return edges.withLock { edges in
            guard !Self.reaches(from: to, to: from, edges) else { return false }
            edges[from, default: [:]][to, default: 0] += 1
            return true
        }
    }

    func end(_ waiting: Node, for other: Node) {
        let (from, to) = (ObjectIdentifier(waiting), ObjectIdentifier(other))
        edges.withLock { edges in
            guard let count = edges[from]?[to] else { return }
            edges[from]?[to] = count > 1 ? count - 1 : nil
            if edges[from]?.isEmpty == true { edges[from] = nil }
        }
    }

    private static func reaches(
        from start: ObjectIdentifier,
        to end: ObjectIdentifier,
        _ edges: [ObjectIdentifier: [ObjectIdentifier: Int]]
    ) -> Bool {
        var seen: Set<ObjectIdentifier> = [start]
        var open = [start]
        while let node = open.popLast() {
            if node == end { return true }
            for next in (edges[node] ?? [:]).keys where seen.insert(next).inserted { open.append(next) }
        }
        return false
    }
}
