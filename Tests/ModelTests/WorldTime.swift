import Recuerde
import RecuerdeTesting
import Synchronization

/// The time of one machine: its clock goes ahead of the others' by an offset.
final class MachineTime: TimeSource {
    private let manual: ManualTimeSource
    private let offset: Duration
    private let ticks: Atomic<Int64>?

    /// With `ticks`, no two looks at its clock show the same time.
    init(_ manual: ManualTimeSource, offset: Duration = .zero, ticks: Bool = false) {
        self.manual = manual
        self.offset = offset
        self.ticks = ticks ? Atomic(0) : nil
    }

    func now() -> MonotonicInstant { manual.now() }

    func unixTime() -> UnixTime {
        let time = manual.unixTime()
        let tick = ticks?.wrappingAdd(3, ordering: .relaxed).newValue ?? 0
        return tick == 0 && offset == .zero ? time : time.advanced(by: offset + .microseconds(tick))
    }

    func sleep(until deadline: MonotonicInstant) async throws { try await manual.sleep(until: deadline) }
}
