import Recuerde

/// What was seen of leases at the doors of all processes. Touched by one thread only: the one whose schedule carries out every step.
final class LeaseLedger: @unchecked Sendable {
    // Sendable for that reason.
    /// Counts what happens: of two that do not overlap, the one with the smaller number came first.
    var moment = 0
    /// The greatest number that the holder of a lock was given; and since when, by how often the store had lost the latest number and its
    /// clock may not make up for that.
    private(set) var latest = (number: Int64.min, losses: 0)
    /// When each process was last given the lease of the key.
    private(set) var taken: [Int: Int] = [:]
    /// Of which process each owner is.
    var owners: [String: Int] = [:]
    /// Two numbers in the wrong order.
    private(set) var disorder: (earlier: Int64, later: Int64)?
    /// Is told what is seen, where a history is written down.
    var notes: ((String) -> Void)?

    func lostNumbers() {
        latest = (.min, latest.losses + 1)
    }

    func took(_ lease: LeaseName, number: Int64, process: Int, latestBefore: (number: Int64, losses: Int)) {
        moment += 1
        guard lease.counter != nil else {
            taken[process] = moment
            return
        }
        guard latestBefore.losses == latest.losses else { return }
        if number <= latestBefore.number { disorder = (latestBefore.number, number) }
        latest.number = max(latest.number, number)
    }
}
