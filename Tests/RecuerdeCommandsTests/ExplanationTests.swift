import Foundation
import Testing

@testable import RecuerdeCommands

/// `recuerde explain`: what it makes of an answer.
@Suite struct ExplanationTests {
    private func text(_ json: String) throws -> String { try #require(Explanation(json: Data(json.utf8))).text }

    private static let empty = """
        {"key":"k","name":"p:v2:k","verdict":"miss: Redis does not hold it","memory":null,"redis":null,\
        "redis_answered":true,"pending_write":false,"journal":[],"loading":false,"flights":[]}
        """

    @Test func whatIsNotThereIsSaidInFiveLines() throws {
        #expect(
            try text(Self.empty) == """
                verdict  miss: Redis does not hold it
                key      k
                entry    p:v2:k
                memory   nothing
                redis    nothing

                """
        )
        let away = Self.empty.replacing(
            #""redis_answered":true"#,
            with: #""redis_answered":false,"redis_failure":"timed_out""#
        )
        #expect(try text(away).contains("redis    did not answer (timed_out)\n"))
    }

    @Test func everythingHasItsLine() throws {
        let json = """
            {"key":"k","name":"p:v2:k","verdict":"hit: x",
            "memory":{"state":"fresh","age_seconds":12,"remaining_seconds":1788,"life_seconds":5388,"bytes":412,"tags":["a","b"],
              "marks":[{"tag":"a","effect":"valid"},{"tag":"b","effect":"unknown"}],"etag":"\\"v1\\"","last_modified":"day 1",
              "provisional":true,"standing":"verified"},
            "redis":{"state":"stale","age_seconds":3700,"remaining_seconds":-0.25,"life_seconds":5,"bytes":388,"tags":["a","b"],
              "marks":[{"tag":"a","effect":"valid"},{"tag":"b","effect":"expired"}],"provisional":false,
              "payload":{"compressed":true,"encryption_key":"2026-11","schema_version":3}},
            "redis_answered":true,"pending_write":true,
            "journal":[{"operation":"invalidation","tag":"b","stamp":"1","reason":"refused","attempts":3,"pause_seconds":8},
              {"operation":"write","stamp":"2","reason":"unavailable","attempts":0}],
            "loading":true,"flights":[{"purpose":"load","waiting":2},{"purpose":"early_refresh","waiting":0}],
            "lease":{"held_here":false,"remaining_seconds":3},"pause_seconds":7}
            """
        #expect(
            try text(json) == """
                verdict  hit: x
                key      k
                entry    p:v2:k
                memory   fresh for 29 min 48 s, stands in for 1 h 29 min, made 12 s ago, on its way to Redis, verified, 412 bytes
                redis    stale since 250 ms, stands in for 5 s, made 1 h 1 min ago, 388 bytes, compressed, key 2026-11, schema 3
                tag      a: valid
                tag      b: changed, and not read since (memory); invalidated, and may stand in (redis)
                etag     "v1"
                modified day 1
                load     under way, 2 waiting
                load     under way (early_refresh), nobody waits
                lease    held by another process, ends in 3 s unless it is renewed
                pause    a load has failed: what is stale is served for 7 s before the next is tried
                waits    invalidation of tag b, refused (3 refusals), tried again in 8 s
                waits    write, unavailable

                """
        )
    }

    @Test func whatBytesAreNotTakenForIsSaid() throws {
        let holding = """
            {"state":"unreadable","refusal":"unknown_key","bytes":9,"tags":[],"marks":[],"provisional":false,\
            "payload":{"compressed":false,"encryption_key":"old","schema_version":0}}
            """
        let json = Self.empty.replacing(#""redis":null"#, with: #""redis":"# + holding)
        #expect(
            try text(json).contains(
                "redis    unreadable: encrypted with a key that is not known here, 9 bytes, key old\n"
            )
        )
    }

    @Test func noTerminalObeysWhatATagSays() throws {
        let holding =
            #"{"state":"fresh","bytes":9,"tags":[],"marks":[{"tag":"\u001b[2Jx\ny\u202e","effect":"valid"}],"provisional":false}"#
        let text = try text(Self.empty.replacing(#""memory":null"#, with: #""memory":"# + holding))
        #expect(text.contains("tag      \u{FFFD}[2Jx\u{FFFD}y\u{FFFD}: valid\n"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }

    @Test(arguments: [
        (0, "0 ms"), (0.4, "400 ms"), (1, "1 s"), (59.9, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"),
        (7_199, "1 h 59 min"), (90_000, "1 d 1 h"), (-5, "0 ms"), (1e300, "11574074 d 1 h"),
    ])
    func timesHaveTwoUnits(seconds: Double, text: String) {
        #expect(Explanation.time(seconds) == text)
    }

    @Test(arguments: ["<html>", "{}", #"{"key":"k"}"#, ""]) func whatIsNoExplanationIsNone(json: String) {
        #expect(Explanation(json: Data(json.utf8)) == nil)
    }

    @Test func aKeyIsOnePartOfAPath() {
        #expect(AdminCall.pathPart("a:b/ñ%~\u{1}") == "a%3Ab%2F%C3%B1%25%7E%01")
    }
}
