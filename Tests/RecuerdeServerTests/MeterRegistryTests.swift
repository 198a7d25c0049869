import CoreMetrics
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import RecuerdeServer

@Suite struct MeterRegistryTests {
    private func page(_ registry: MeterRegistry) -> String {
        var text = PrometheusText()
        registry.write(to: &text)
        return text.text
    }

    @Test func writesEachKindAsPrometheusWantsIt() {
        let registry = MeterRegistry()
        Counter(label: "b_total", dimensions: [("z", "2"), ("a", "1")], factory: registry).increment(by: 3)
        Counter(label: "b_total", factory: registry).increment()
        Meter(label: "c", factory: registry).set(2.5)
        Recorder(label: "d", aggregate: false, factory: registry).record(7)
        Timer(label: "a_seconds", factory: registry).recordNanoseconds(Int64(70_000))
        let text = page(registry)
        #expect(text.contains("# TYPE b_total counter\nb_total 1\nb_total{a=\"1\",z=\"2\"} 3\n"))
        #expect(text.contains("# TYPE c gauge\nc 2.5\n"))
        #expect(text.contains("# TYPE d gauge\nd 7\n"))
        #expect(text.hasPrefix("# TYPE a_seconds histogram\na_seconds_bucket{le=\"5e-05\"} 0\n"))
        #expect(text.contains("a_seconds_bucket{le=\"0.0001\"} 1\n"))
        #expect(text.contains("a_seconds_sum 7e-05\na_seconds_count 1\n"))
    }

    @Test func whatHasOneNameAndTheSameLabelsIsOneSeries() {
        let registry = MeterRegistry()
        Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "x", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(page(registry) == "# TYPE x counter\nx{a=\"1\",b=\"2\"} 2\n")
    }

    @Test func aNameHasOneKind() {
        let registry = MeterRegistry()
        Counter(label: "x", factory: registry).increment()
        Meter(label: "x", factory: registry).set(5)
        Meter(label: "x", dimensions: [("a", "1")], factory: registry).set(5)
        #expect(page(registry) == "# TYPE x counter\nx 1\n")
        #expect(registry.refusedSeries == 2)
    }

    @Test func seriesAreBounded() {
        let registry = MeterRegistry(maximumSeries: 3)
        for number in 0..<10 { Counter(label: "x", dimensions: [("n", "\(number)")], factory: registry).increment() }
        #expect(page(registry).split(separator: "\n").count == 4)
        #expect(registry.refusedSeries == 7)
        // What has a place keeps it.
        Counter(label: "x", dimensions: [("n", "2")], factory: registry).increment()
        #expect(page(registry).contains("x{n=\"2\"} 2\n"))
    }

    @Test(arguments: [("a-b.c", "a_b_c"), ("9x", "_9x"), ("", "_"), ("a:b", "a:b"), ("ñ\n", "__")])
    func namesAreWhatTheFormatAllows(name: String, expected: String) {
        #expect(MeterName.sanitized(name, allowsColon: true) == expected)
    }

    @Test func labelsCannotBreakThePage() {
        let registry = MeterRegistry()
        Counter(label: "x", dimensions: [("l:l", "\"\n\\")], factory: registry).increment()
        #expect(page(registry) == "# TYPE x counter\nx{l_l=\"\\\"\\n\\\\\"} 1\n")
    }

    @Test func aCounterNeverFalls() {
        let registry = MeterRegistry()
        let counter = registry.makeCounter(label: "x", dimensions: [])
        counter.increment(by: 2)
        counter.increment(by: -1)
        #expect(page(registry).hasSuffix("x 2\n"))
    }

    @Test func valuesOfAllKindsAreCounted() {
        let registry = MeterRegistry()
        let recorder = Recorder(label: "x", factory: registry)
        for value in [-1, 0, 10, 1e300, .infinity, .nan] { recorder.record(value) }
        let text = page(registry)
        #expect(text.contains("x_bucket{le=\"1\"} 2\nx_bucket{le=\"10\"} 3\n"))
        #expect(text.contains("x_bucket{le=\"+Inf\"} 5\n"))
    }

    @Test func figuresAreReadWhenThePageIs() async throws {
        let registry = MeterRegistry()
        let reads = Atomic<Int>(0)
        let gauge = Meter(label: "x_now", factory: registry)
        registry.beforeReading { gauge.set(reads.wrappingAdd(1, ordering: .relaxed).newValue) }
        let service = TestService()
        let application = makeApplication(
            service: service.service,
            cache: service.cache,
            meters: registry,
            timeSource: service.clock,
            logger: service.logger
        )
        try await application.test(.router) { client in
            for read in 1...2 {
                let page = try await client.send(.get, "/metrics").text
                #expect(page.contains("\nx_now \(read)\n"))
            }
        }
    }
}
