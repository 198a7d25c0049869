/// On which event loops the connections of lanes live.
enum LaneLoops {
    /// Those first that carry no usual connection, so that small commands do not wait while a large reply is read; then the
    /// others, the first one last, for it carries the commands without a key as well.
    ///
    /// - Parameter usual: how many, from the first one on, carry usual connections.
    static func order<Loop>(_ loops: [Loop], usual: Int) -> [Loop] {
        let usual = min(max(0, usual), loops.count)
        return Array(loops[usual...]) + loops[..<usual].reversed()
    }
}
