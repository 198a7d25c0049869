import ArgumentParser
import Foundation
import Testing

@testable import RecuerdeCommands

/// `recuerde invalidate`.
extension CommandTests {
    private static let token = "a-token-for-tests-only"

    @Test(arguments: [
        ["invalidate"], ["invalidate", "--tag"], ["invalidate", "--tag", "x", "--timeout", "0"],
        ["invalidate", "--tag", "x", "--token", "hush"], ["invalidate", "x"],
    ])
    func whatIsToBeMadeVoidHasToBeNamed(arguments: [String]) async throws {
        let (code, _) = await run(arguments, environment: ["RECUERDE_ADMIN_TOKEN": Self.token])
        #expect(code == ExitCode.validationFailure.rawValue)
    }

    @Test func withoutTheTokenItIsOneLineAndExitCode78() async throws {
        let file = try noFile()
        defer { file.remove() }
        let (code, recorded) = await run(["invalidate", "--env-file", file.path, "--tag", "x", "--port", "1"])
        #expect(code == 78)
        #expect(recorded.error == "recuerde: RECUERDE_ADMIN_TOKEN must be set: the service asks for it\n")
    }

    @Test func itSaysThatNobodyAnswers() async throws {
        let file = try noFile()
        defer { file.remove() }
        // Port 1 of loopback: nothing listens there.
        let (code, recorded) = await run(
            ["invalidate", "--env-file", file.path, "--tag", "x", "--url", "http://me:hush@127.0.0.1:1"],
            environment: ["RECUERDE_ADMIN_TOKEN": Self.token]
        )
        #expect(code == 2)
        #expect(recorded.output.isEmpty)
        #expect(
            recorded.error == "recuerde: no answer from http://****@127.0.0.1:1; it may have been taken: repeat it\n"
        )
    }

    @Test(arguments: [
        (#"{"tags":2,"records":1,"journal_depth":0}"#, 200, 0, "tags 2, records 1: void"),
        (
            #"{"tags":0,"records":1,"journal_depth":3}"#, 200, 0,
            "tags 0, records 1: void; it waits for Redis, and other processes heed it after that"
        ),
        (
            #"{"title":"t","status":422,"code":"invalid_field","detail":"A field is not acceptable.","#
                + #""errors":[{"field":"tags[0]","detail":"must not be empty"}]}"#,
            422, 1, "h refuses (HTTP 422): A field is not acceptable. tags[0] must not be empty."
        ),
        (#"{"detail":"The bearer token is wrong."}"#, 401, 1, "h refuses (HTTP 401): The bearer token is wrong."),
        ("<html>", 200, 2, "h is not this service: HTTP 200"), ("", 302, 2, "h is not this service: HTTP 302"),
        (
            #"{"detail":"The cache could not carry this out. Try again."}"#, 503, 2,
            "h failed (HTTP 503); it may have been taken: repeat it"
        ), ("<html>", 504, 2, "h failed (HTTP 504); it may have been taken: repeat it"),
        (#"{"tags":2}"#, 200, 2, "h is not this service: HTTP 200"),
    ])
    func whatTheServiceAnswersIsTold(body: String, status: UInt, code: Int32, text: String) {
        let report = InvalidationCall.report(Data(body.utf8), status: status, from: "h")
        #expect(report == InvalidationCall.Report(text: text, exitCode: code))
    }
}
