import Foundation
import NIOCore
import Testing

@testable import RecuerdeCommands

@Suite struct HealthProbeTests {
    private func body(status: String, url: String = "null") -> Data {
        Data(
            """
            {"status":"\(status)","provider":"tutor","model":"1","cache":{"redis":{"available":false,"url":\(url)}},\
            "cache_statistics":{"backend":"memory","hit_rate_percent":75.5,"total_requests":4,"cache_size":2}}
            """.utf8
        )
    }

    @Test(arguments: [("healthy", 0), ("disabled", 0), ("degraded", 1), ("unhealthy", 2), ("something", 2)])
    func theExitCodeTellsTheStatus(status: String, code: Int32) {
        #expect(HealthProbe.report(body(status: status)).exitCode == code)
    }

    @Test func printsWhatMatters() {
        let report = HealthProbe.report(body(status: "degraded", url: "\"redis://****@h:1/0\""))
        #expect(
            report.text == """
                status    degraded
                backend   memory
                redis     redis://****@h:1/0 (away)
                provider  tutor 1
                entries   2
                hit rate  75.5 % of 4

                """
        )
    }

    @Test(arguments: [
        ("http://me:hush@127.0.0.1:1", "http://****@127.0.0.1:1"),
        ("http://127.0.0.1:1?t=hush", "http://127.0.0.1:1?****"),
    ])
    func whatIsSecretInAnAddressIsNotRepeated(url: String, shown: String) async {
        let report = await HealthProbe(baseURL: url, timeout: .seconds(10)).ask()
        #expect(report.text == "no answer from \(shown)\n")
        #expect(report.exitCode == 2)
    }

    @Test(arguments: ["", "{}", "<html>", "[1]"]) func anAnswerOfAnotherKindIsNoHealth(text: String) {
        #expect(HealthProbe.report(Data(text.utf8)).exitCode == 2)
    }
}
