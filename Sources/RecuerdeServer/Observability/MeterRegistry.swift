public import CoreMetrics
import Synchronization

/// Keeps what is counted and timed by swift-metrics, and writes it on the page `GET /metrics`.
///
/// ```swift
/// let meters = MeterRegistry()
/// configuration.observer = RedisMetrics(factory: meters)
/// let application = makeApplication(service: service, cache: cache, meters: meters, logger: logger)
/// ```
///
/// Or for the whole process, `MetricsSystem.bootstrap(meters)`.
///
/// Counters are written as counters, meters and recorders that do not aggregate as gauges, timers (in seconds) and recorders that aggregate as
/// histograms. Letters that Prometheus does not allow in names become `_`. What has the same name and the same labels is one
/// series, however often it is made. There are at most ``maximumSeries`` of them, since labels may be chosen by whoever calls; what is made beyond
/// that, or under a name that is used for another kind, is counted nowhere, and ``refusedSeries`` says how many those are.
///
/// A count costs one atomic addition, a time a short lock.
public final class MeterRegistry: MetricsFactory {
    /// The most series there can be.
    public let maximumSeries: Int

    private struct State {
        var families: [String: MeterFamily] = [:]
        var count = 0
        var refused = 0
        var readers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Makes an empty registry.
    ///
    /// - Parameter maximumSeries: The most series there can be; each takes some hundred bytes, histograms more.
    public init(maximumSeries: Int = 2_000) {
        self.maximumSeries = max(0, maximumSeries)
    }

    /// How often something was made that found no place.
    public var refusedSeries: Int { state.withLock(\.refused) }

    /// Has something done each time before the page is written, such as reading figures that are not counted one by one.
    ///
    /// - Parameter body: Called on the thread that writes the page; must not block.
    public func beforeReading(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.readers.append(body) }
    }

    /// Makes a counter, or returns the one that there is.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        meter(label, dimensions) { CountingMeter() } ?? CountingMeter()
    }

    /// Makes a gauge, or returns the one that there is.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        meter(label, dimensions) { GaugeMeter() } ?? GaugeMeter()
    }

    /// Makes a histogram, or a gauge of the last value, or returns the one that there is.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return meter(label, dimensions) { GaugeMeter() } ?? GaugeMeter() }
        return meter(label, dimensions) { HistogramMeter(.values) } ?? HistogramMeter(.values)
    }

    /// Makes a histogram of seconds, or returns the one that there is.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        meter(label, dimensions) { HistogramMeter(.seconds) } ?? HistogramMeter(.seconds)
    }

    /// Nothing: others may count in the same series.
    public func destroyCounter(_ handler: any CounterHandler) {}

    /// Nothing: others may count in the same series.
    public func destroyMeter(_ handler: any MeterHandler) {}

    /// Nothing: others may count in the same series.
    public func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Nothing: others may count in the same series.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Writes all series, families by name and series by labels.
    func write(to text: inout PrometheusText) {
        let readers = state.withLock(\.readers)
        for read in readers { read() }
        let families = state.withLock(\.families)
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.family(name, family.kind)
            for series in family.series.sorted(by: { $0.key < $1.key }) {
                series.value.write(series.key, to: &text)
            }
        }
    }

    /// The series of that name and those labels; nil if there is none and cannot be.
    private func meter<M: WrittenMeter>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ make: () -> M
    ) -> M? {
        let name = MeterName.sanitized(label, allowsColon: true)
        let labels = MeterLabels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? MeterFamily(kind: M.kind)
            if let there = family.series[labels] as? M { return there }
            guard M.kind == family.kind, family.series[labels] == nil, state.count < maximumSeries else {
                state.refused &+= 1
                return nil
            }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            state.count += 1
            return made
        }
    }
}

/// All series of one name.
private struct MeterFamily {
    let kind: PrometheusText.Kind
    var series: [MeterLabels: any WrittenMeter] = [:]
}
