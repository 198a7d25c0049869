import Synchronization

/// Counts the bytes of commands that are queued or written and not answered, so that callers who send large values to a
/// slow server are refused before the process runs out of memory.
///
/// Small commands are bounded by their number and not counted here: so they pay nothing for it.
final class BytesInFlight: Sendable {
    /// What a command holds; gives it back when it is let go of, however that comes about.
    final class Hold: Sendable {
        private let owner: BytesInFlight
        private let bytes: Int

        fileprivate init(owner: BytesInFlight, bytes: Int) {
            self.owner = owner
            self.bytes = bytes
        }

        deinit { owner.count.wrappingSubtract(bytes, ordering: .relaxed) }
    }

    enum Answer {
        /// Too small to be counted.
        case free
        case taken(Hold)
        case full
    }

    /// Commands up to this size are not counted.
    static let uncounted = 4096

    /// What each of the others is counted for beside its bytes: buffers have lengths that are powers of two, and a caller that
    /// waits takes some memory of its own. So the bound is nearly that of the memory that is taken.
    static let surroundings = 4096

    let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    var taken: Int { count.load(ordering: .relaxed) }

    /// A command that has it all for itself is always taken: another limit says how large one may be.
    func take(_ bytes: Int) -> Answer {
        guard bytes > Self.uncounted else { return .free }
        let bytes = bytes + Self.surroundings
        // Looked at first, so that what does not fit takes no room from others even for a moment.
        let present = taken
        guard present == 0 || present <= limit - bytes else { return .full }
        let before = count.wrappingAdd(bytes, ordering: .relaxed).oldValue
        // By subtraction, which cannot overflow for numbers that are not negative.
        if before == 0 || before <= limit - bytes { return .taken(Hold(owner: self, bytes: bytes)) }
        count.wrappingSubtract(bytes, ordering: .relaxed)
        return .full
    }
}
