import Synchronization

/// The tags that entries and loads of this process carry, each once. Bounded by what refers to them: what nobody refers to any more is
/// thrown away from time to time.
final class TagBook: Sendable {
    private struct State {
        var marks: [String: TagMark] = [:]
        var sets: [[String]: TagSet] = [:]
        /// At how many of both what is not used is looked for.
        var limit = 1_024
        /// The highest floors of what was thrown away.
        var pruned: (expired: Int64, removed: Int64) = (0, 0)
    }

    private let state = Mutex(State())
    /// Whether floors that are forgotten can be read again elsewhere; else one floor stands for all of them.
    private let isBacked: Bool

    /// - Parameter isBacked: Whether there is a remote tier, which keeps the floors.
    init(isBacked: Bool) {
        self.isBacked = isBacked
    }

    /// The tags of an entry; nil for none. What is no tag is left out; see ``text(of:)``.
    func set(of tags: [String]) -> TagSet? {
        guard !tags.isEmpty else { return nil }
        if let known = known(tags) { return known }
        let texts = tags.map { (tag: $0, text: Self.text(of: $0)) }
        return state.withLock { state in
            if let known = state.sets[tags] { return known }
            let marks = marks(of: texts, &state)
            guard !marks.isEmpty else { return nil }
            let set = TagSet(marks)
            state.sets[tags] = set
            return set
        }
    }

    /// The same for a list that has come before.
    func known(_ tags: [String]) -> TagSet? {
        state.withLock { $0.sets[tags] }
    }

    /// What is known of each of these tags, none twice.
    func marks(of tags: [String]) -> [TagMark] {
        let texts = tags.map { (tag: $0, text: Self.text(of: $0)) }
        return state.withLock { marks(of: texts, &$0) }
    }

    private func marks(of texts: [(tag: String, text: String?)], _ state: inout State) -> [TagMark] {
        makeRoom(&state)
        var marks: [TagMark] = []
        var seen: Set<String> = []
        for case (let tag, let text?) in texts where seen.insert(text).inserted {
            marks.append(mark(tag, text, &state))
        }
        return marks
    }

    /// What is known of a tag, if anything is.
    func present(_ text: String) -> TagMark? {
        state.withLock { $0.marks[text] }
    }

    /// How many tags are known.
    var count: Int { state.withLock { $0.marks.count } }

    /// A tag as one part of a name; nil for one that is empty or longer than a key may be.
    static func text(of tag: String) -> String? {
        let key = CacheKey(tag)
        return key.fault == nil ? key.text : nil
    }

    private func mark(_ tag: String, _ text: String, _ state: inout State) -> TagMark {
        if let known = state.marks[text] { return known }
        let mark = TagMark(tag: tag, text: text, expired: state.pruned.expired, removed: state.pruned.removed)
        state.marks[text] = mark
        return mark
    }

    /// Throws away what nobody refers to, when there is twice as much as was kept the last time: amortised constant time. New references
    /// are only ever made of what is held elsewhere, or here under the lock.
    private func makeRoom(_ state: inout State) {
        guard state.sets.count + state.marks.count >= state.limit else { return }
        var unused: [[String]] = []
        var index = state.sets.startIndex
        while index != state.sets.endIndex {
            if isKnownUniquelyReferenced(&state.sets.values[index]) { unused.append(state.sets[index].key) }
            state.sets.formIndex(after: &index)
        }
        for key in unused { state.sets[key] = nil }
        var forgotten: [String] = []
        var place = state.marks.startIndex
        while place != state.marks.endIndex {
            if isKnownUniquelyReferenced(&state.marks.values[place]) { forgotten.append(state.marks[place].key) }
            state.marks.formIndex(after: &place)
        }
        for text in forgotten {
            guard let floors = state.marks.removeValue(forKey: text)?.floors, !isBacked else { continue }
            // A load that began before it was invalidated may yet bring an entry with the tag.
            state.pruned.expired = max(state.pruned.expired, floors.expired)
            state.pruned.removed = max(state.pruned.removed, floors.removed)
        }
        state.limit = max(1_024, (state.sets.count + state.marks.count) * 2)
    }
}
