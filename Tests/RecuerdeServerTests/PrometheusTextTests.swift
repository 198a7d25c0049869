import HTTPTypes
import Recuerde
import RecuerdeAI
import Testing

@testable import RecuerdeServer

@Suite struct PrometheusTextTests {
    @Test func escapesLabelsAndHelp() {
        var text = PrometheusText()
        text.family("x_total", .counter, "a \\ b\nc \"d\"")
        text.sample(["l": "a\\b\n\"c\""], 3)
        #expect(
            text.text
                == "# HELP x_total a \\\\ b\\nc \"d\"\n# TYPE x_total counter\nx_total{l=\"a\\\\b\\n\\\"c\\\"\"} 3\n"
        )
    }

    @Test(arguments: [
        (1.0, "1"), (0.25, "0.25"), (Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (1e18, "1e+18"),
    ])
    func writesNumbersAsTheFormatWantsThem(value: Double, expected: String) {
        var text = PrometheusText()
        text.family("x", .gauge, "x")
        text.sample(value)
        #expect(text.text.hasSuffix("x \(expected)\n"))
    }

    @Test func aHistogramCountsUpToEachBound() {
        var histogram = Histogram()
        for seconds in [0.0005, 0.001, 0.3, 100] { histogram.record(seconds) }
        let counts = histogram.cumulative
        #expect(counts.first?.count == 2)
        #expect(counts.first { $0.bound == 0.25 }?.count == 2)
        #expect(counts.first { $0.bound == 0.5 }?.count == 3)
        #expect(counts.last?.bound == nil)
        #expect(counts.last?.count == 4)
    }

    @Test func labelsOfRequestsAreBounded() {
        let metrics = RequestMetrics()
        for number in 0..<500 {
            guard let method = HTTPRequest.Method("M\(number)") else { continue }
            let route = RequestMetrics.label(forRoute: "/invented/\(number)")
            metrics.record(route: route, method: method, status: .notFound, duration: .milliseconds(1))
        }
        var text = PrometheusText()
        metrics.write(to: &text)
        #expect(
            text.text.contains(
                "recuerde_http_requests_total{route=\"unmatched\",method=\"OTHER\",status=\"4xx\"} 500\n"
            )
        )
        #expect(!text.text.contains("invented"))
    }

    @Test func everyFamilyIsTypedOnceAndEverySampleBelongsToOne() {
        var text = PrometheusText()
        RequestMetrics().write(to: &text)
        ServiceMetrics.write(CacheStatistics(), to: &text)
        ServiceMetrics.write(UsageSnapshot(), savings: Savings(), to: &text)
        ServiceMetrics.write(processStart: UnixTime(microseconds: 1_500_000), to: &text)
        let lines = text.text.split(separator: "\n")
        let families = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(Set(families).count == families.count)
        for line in lines where !line.hasPrefix("#") {
            let name = line.prefix { $0 != " " && $0 != "{" }
            #expect(families.contains { name == $0 || name.hasPrefix($0 + "_") }, "\(name)")
        }
        #expect(text.text.contains("process_start_time_seconds 1.5\n"))
    }
}
