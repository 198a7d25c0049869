/// A line of items that leave in the order in which they came, and that comes and goes as whole arrays where it can.
///
/// An array with a head rather than a ring, because the items that gather for a drain are an array already: an empty line
/// takes its place, and no item is moved. What has left is kept alive until the line is empty or `compact()` is called.
struct WaitingLine<Item>: Sequence {
    private var items: [Item] = []
    /// The first item that has not left.
    private var head = 0

    var isEmpty: Bool { head >= items.count }
    var count: Int { items.count - head }

    mutating func append(_ item: Item) {
        items.append(item)
    }

    /// Takes items and leaves an empty array with room.
    mutating func append(contentsOf more: inout [Item]) {
        if isEmpty {
            swap(&items, &more)
            head = 0
        } else {
            items.append(contentsOf: more)
        }
        more.removeAll(keepingCapacity: true)
    }

    /// The first item, looked at where it lies: a copy would count the references of all that is in it. To be asked for
    /// only of a line that is not empty.
    var first: Item {
        _read { yield items[head] }
    }

    mutating func removeFirst() {
        head += 1
        if head >= items.count { compact() }
    }

    mutating func popFirst() -> Item? {
        guard !isEmpty else { return nil }
        let item = first
        removeFirst()
        return item
    }

    /// Lets go of what has left. To be called when nothing more leaves for a while; costs a move of what is left.
    mutating func compact() {
        if head >= items.count { items.removeAll(keepingCapacity: true) } else { items.removeFirst(head) }
        head = 0
    }

    mutating func removeAll(where isUnwanted: (Item) -> Bool) {
        compact()
        items.removeAll(where: isUnwanted)
    }

    func makeIterator() -> IndexingIterator<ArraySlice<Item>> {
        items[head...].makeIterator()
    }
}

extension WaitingLine: Sendable where Item: Sendable {}
