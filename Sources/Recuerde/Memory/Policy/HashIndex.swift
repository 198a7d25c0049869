/// Finds the slot of a hash of 32 bits: open addressing with linear probing, and removal by moving back what follows, so
/// that no tombstones are left (Knuth, "The Art of Computer Programming", volume 3, 6.4, algorithm R).
///
/// For a few hundred well mixed hashes; a dictionary would hash them once more.
struct HashIndex {
    private struct Cell {
        var hash: UInt32 = 0
        var slot = SlotQueue.none
    }

    /// Made with the first hash.
    private var cells: [Cell] = []
    private var count = 0
    private var mask: Int { cells.count - 1 }

    subscript(hash: UInt32) -> UInt32? {
        guard !cells.isEmpty else { return nil }
        var place = home(hash)
        while cells[place].slot != SlotQueue.none {
            if cells[place].hash == hash { return cells[place].slot }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds a hash that is not in it.
    mutating func insert(_ hash: UInt32, slot: UInt32) {
        if count * 2 >= cells.count { grow() }
        place(Cell(hash: hash, slot: slot))
        count += 1
    }

    mutating func remove(_ hash: UInt32) {
        guard !cells.isEmpty else { return }
        var hole = home(hash)
        while cells[hole].slot != SlotQueue.none, cells[hole].hash != hash { hole = (hole + 1) & mask }
        guard cells[hole].slot != SlotQueue.none else { return }
        count -= 1
        var next = (hole + 1) & mask
        while cells[next].slot != SlotQueue.none {
            // It may move back if the hole lies between its home and its place.
            let distance = (next - home(cells[next].hash)) & mask
            if (next - hole) & mask <= distance {
                cells[hole] = cells[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        cells[hole] = Cell()
    }

    private mutating func grow() {
        let old = cells
        cells = [Cell](repeating: Cell(), count: max(16, old.count * 2))
        for cell in old where cell.slot != SlotQueue.none { place(cell) }
    }

    private mutating func place(_ cell: Cell) {
        var place = home(cell.hash)
        while cells[place].slot != SlotQueue.none { place = (place + 1) & mask }
        cells[place] = cell
    }

    /// The low bits decide who is of the sample, so the high ones decide the place.
    private func home(_ hash: UInt32) -> Int {
        Int((hash &* 0x9E37_79B1) >> 8) & mask
    }
}
