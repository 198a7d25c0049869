/// One value for each slot, in pieces of a thousand that never move: growth copies no more than one piece, whatever there is already.
///
/// What was never written reads as the filler and takes no memory. So a column that is wanted late, for entries that are
/// here already, costs nothing in that moment either.
struct SlotColumn<Element: BitwiseCopyable & Sendable>: Sendable {
    private static var bits: Int { 10 }
    /// The most elements that one write can make room for, or move.
    static var pieceSize: Int { 1 << bits }

    private let filler: Element
    private var pieces: [[Element]] = []

    init(filler: Element) {
        self.filler = filler
    }

    subscript(slot: UInt32) -> Element {
        @inline(__always)
        get {
            let piece = Int(slot >> UInt32(Self.bits))
            let place = Int(slot) & (Self.pieceSize - 1)
            guard piece < pieces.count, place < pieces[piece].count else { return filler }
            return pieces[piece][place]
        }
        @inline(__always)
        set {
            let piece = Int(slot >> UInt32(Self.bits))
            let place = Int(slot) & (Self.pieceSize - 1)
            if piece >= pieces.count || place >= pieces[piece].count { extend(piece, place) }
            pieces[piece][place] = newValue
        }
    }

    /// Calls with each element of a range that was written, or made room for along with one that was.
    mutating func update(_ range: Range<Int>, _ body: (inout Element) -> Void) {
        var index = max(0, range.lowerBound)
        while index < range.upperBound {
            let piece = index >> Self.bits
            guard piece < pieces.count else { return }
            let start = piece << Self.bits
            let end = min(range.upperBound - start, pieces[piece].count)
            for place in index - start..<max(index - start, end) { body(&pieces[piece][place]) }
            index = start + Self.pieceSize
        }
    }

    /// Elements that there is room for.
    var room: Int { pieces.reduce(0) { $0 + $1.count } }

    @inline(never)
    private mutating func extend(_ piece: Int, _ place: Int) {
        while pieces.count <= piece { pieces.append([]) }
        let more = place + 1 - pieces[piece].count
        pieces[piece].append(contentsOf: repeatElement(filler, count: more))
    }
}
