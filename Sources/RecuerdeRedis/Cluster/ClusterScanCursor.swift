/// Where a walk over the keys of a whole cluster stands, as text that the caller carries from page to page.
///
/// Nothing is kept in the client. Which slots are done is written down rather than which nodes are: a slot that moves
/// away from a node, or a node that is replaced by its replica, is then walked where it is now. Keys may come twice.
struct ClusterScanCursor: Sendable, Equatable {
    /// The node that is being walked.
    var node: String
    /// Its own cursor.
    var position: String
    /// The slots that it served when its walk began.
    var started: ClusterSlotSet
    /// The slots whose keys have all been seen.
    var done: ClusterSlotSet

    private static let mark: Character = "|"

    var text: String {
        [position, node, started.text, done.text].joined(separator: String(Self.mark))
    }

    init(node: String, position: String, started: ClusterSlotSet, done: ClusterSlotSet) {
        self.node = node
        self.position = position
        self.started = started
        self.done = done
    }

    /// Reads what `text` has written; nil if it is anything else.
    init?(text: String) {
        let parts = text.split(separator: Self.mark, omittingEmptySubsequences: false)
        guard parts.count == 4, !parts[0].isEmpty, parts[0].utf8.count <= 20,
            parts[0].utf8.allSatisfy(RedisURLParser.isDigit), let started = ClusterSlotSet(text: parts[2]),
            let done = ClusterSlotSet(text: parts[3])
        else { return nil }
        self.init(node: String(parts[1]), position: String(parts[0]), started: started, done: done)
    }
}
