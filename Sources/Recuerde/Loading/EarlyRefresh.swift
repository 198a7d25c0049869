#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Whether a value that is still fresh is to be loaded anew already, so that nobody has to wait when it expires.
///
/// XFetch: each hit throws a die, and the closer the expiry and the longer the load, the likelier it is; so of many callers, and many nodes,
/// one is the first. Source: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8(8),
/// 2015, section 4.
enum EarlyRefresh {
    /// - Parameters:
    ///   - remaining: The time until logical expiry.
    ///   - loadTime: How long the load took; zero where nobody knows, and then it is never due.
    ///   - eagerness: The paper's beta: 1 is its optimum, more is earlier; zero and less is never.
    ///   - chance: A number in 0 ..< 1, drawn anew each time.
    static func isDue(remaining: Duration, loadTime: Duration, eagerness: Double, chance: () -> Double) -> Bool {
        let lead = loadTime.inSeconds * eagerness
        // Beyond this it would be less than one in a thousand million.
        guard lead > 0, remaining.inSeconds < lead * 20 else { return false }
        return -lead * log(max(chance(), Double.leastNormalMagnitude)) >= remaining.inSeconds
    }
}
