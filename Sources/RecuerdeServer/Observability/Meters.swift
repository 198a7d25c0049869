import CoreMetrics
import Synchronization

/// A series that can write itself.
protocol WrittenMeter: AnyObject, Sendable {
    static var kind: PrometheusText.Kind { get }
    func write(_ labels: MeterLabels, to text: inout PrometheusText)
}

/// Counts upwards.
final class CountingMeter: WrittenMeter, CounterHandler {
    static let kind = PrometheusText.Kind.counter
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { count.store(0, ordering: .relaxed) }

    func write(_ labels: MeterLabels, to text: inout PrometheusText) {
        text.sample(labels, Int(clamping: count.load(ordering: .relaxed)))
    }
}

/// Has the value that it was last set to.
final class GaugeMeter: WrittenMeter, MeterHandler, RecorderHandler {
    static let kind = PrometheusText.Kind.gauge
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func write(_ labels: MeterLabels, to text: inout PrometheusText) {
        text.sample(labels, value.withLock { $0 })
    }
}

/// Counts values by their size.
final class HistogramMeter: WrittenMeter, TimerHandler, RecorderHandler {
    static let kind = PrometheusText.Kind.histogram
    private let histogram: Mutex<Histogram>

    init(_ bounds: Histogram.Bounds) {
        histogram = Mutex(Histogram(bounds))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        histogram.withLock { $0.record(value) }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(max(0, duration)) / 1e9) }

    func write(_ labels: MeterLabels, to text: inout PrometheusText) {
        text.histogram(labels, histogram.withLock { $0 })
    }
}
