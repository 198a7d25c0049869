/// The ends of a queue of slots, with how many stand in it and what they weigh.
struct SlotQueue {
    /// No slot.
    static let none = UInt32.max

    /// The newest.
    fileprivate(set) var head = SlotQueue.none
    /// The oldest.
    fileprivate(set) var tail = SlotQueue.none
    private(set) var count = 0
    private(set) var weight = 0

    var isEmpty: Bool { tail == Self.none }

    fileprivate mutating func add(_ weight: Int) {
        count &+= 1
        self.weight &+= weight
    }

    fileprivate mutating func subtract(_ weight: Int) {
        count &-= 1
        self.weight &-= weight
    }

    /// An entry of this queue has another weight now.
    mutating func reweigh(from old: Int, to new: Int) {
        weight &+= new &- old
    }
}

/// The neighbours of each slot: any number of queues share these links, as each slot stands in one queue at most.
struct SlotLinks {
    private struct Link: BitwiseCopyable {
        var newer = SlotQueue.none
        var older = SlotQueue.none
    }

    private var links = SlotColumn(filler: Link())
    /// Slots that there is room for.
    var room: Int { links.room }

    /// Adds a slot that stands in no queue as the newest of `queue`.
    mutating func push(_ slot: UInt32, weight: Int, into queue: inout SlotQueue) {
        links[slot] = Link(newer: SlotQueue.none, older: queue.head)
        if queue.head == SlotQueue.none {
            queue.tail = slot
        } else {
            links[queue.head].newer = slot
        }
        queue.head = slot
        queue.add(weight)
    }

    /// Takes a slot out of `queue`, in which it stands.
    mutating func take(_ slot: UInt32, weight: Int, outOf queue: inout SlotQueue) {
        let link = links[slot]
        if link.newer == SlotQueue.none {
            queue.head = link.older
        } else {
            links[link.newer].older = link.older
        }
        if link.older == SlotQueue.none {
            queue.tail = link.newer
        } else {
            links[link.older].newer = link.newer
        }
        queue.subtract(weight)
    }

    /// The slot that came after `slot` into its queue.
    func newer(than slot: UInt32) -> UInt32 {
        links[slot].newer
    }

    mutating func removeAll() {
        links = SlotColumn(filler: Link())
    }
}
