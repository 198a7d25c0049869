/// What a clairvoyant would reach on entries of one size: Belady's rule, with the freedom not to keep a newcomer whose
/// next request is further off than that of everything held (L. A. Belady, "A Study of Replacement Algorithms for a
/// Virtual-Storage Computer", 1966).
enum Optimum {
    static func hits(_ trace: Trace, size: Int) -> Int {
        let never = UInt32.max
        var next = [UInt32](repeating: never, count: trace.keys.count)
        var last = [UInt32](repeating: never, count: trace.distinct)
        for index in trace.keys.indices.reversed() {
            let key = Int(trace.keys[index])
            next[index] = last[key]
            last[key] = UInt32(truncatingIfNeeded: index)
        }
        // When each key that is held is asked for again; zero for those that are not held.
        var held = [UInt32](repeating: 0, count: trace.distinct)
        var count = 0
        var furthest = FurthestFirst()
        var hits = 0
        for index in trace.keys.indices {
            let key = trace.keys[index]
            if held[Int(key)] != 0 {
                hits += 1
            } else {
                // Never asked for again: not kept.
                guard next[index] != never else { continue }
                if count == size {
                    // What was asked for since stands in the heap under an older time, too.
                    while let top = furthest.top, held[Int(top.key)] != top.next { furthest.removeTop() }
                    guard let top = furthest.top, top.next > next[index] else { continue }
                    furthest.removeTop()
                    held[Int(top.key)] = 0
                    count -= 1
                }
                count += 1
            }
            held[Int(key)] = next[index]
            if next[index] == never {
                held[Int(key)] = 0
                count -= 1
            } else {
                furthest.insert(key: key, next: next[index])
            }
        }
        return hits
    }
}

/// A heap whose top is the key that is asked for last.
struct FurthestFirst {
    private var items: [(next: UInt32, key: UInt32)] = []

    var top: (next: UInt32, key: UInt32)? { items.first }

    mutating func insert(key: UInt32, next: UInt32) {
        items.append((next, key))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].next > items[parent].next else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeTop() {
        guard let last = items.popLast(), !items.isEmpty else { return }
        items[0] = last
        var parent = 0
        while true {
            var largest = parent
            let left = 2 * parent + 1
            if left < items.count, items[left].next > items[largest].next { largest = left }
            if left + 1 < items.count, items[left + 1].next > items[largest].next { largest = left + 1 }
            guard largest != parent else { return }
            items.swapAt(parent, largest)
            parent = largest
        }
    }
}
