import HTTPTypes
import NIOCore
import RecuerdeAI
import Testing

@testable import RecuerdeServer

@Suite struct ProblemDecodingTests {
    private func problem(_ json: String, as type: (some Decodable).Type) -> Problem? {
        do {
            _ = try JSONBody.decode(type, from: ByteBuffer(string: json))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("{}", "user_answer", "is required"),
        (#"{"user_answer":null,"correct_answer":"x"}"#, "user_answer", "must be a string, not null"),
        (#"{"user_answer":"x","correct_answer":7}"#, "correct_answer", "must be a string"),
        (#"{"user_answer":"x","correct_answer":"x","exercise_context":[]}"#, "exercise_context", "must be an object"),
        (
            #"{"user_answer":"x","correct_answer":"x","exercise_context":{"verb":{},"tense":"t"}}"#,
            "exercise_context.verb", "must be a string"
        ),
        (
            #"{"user_answer":"x","correct_answer":"x","language":"fr"}"#, "language",
            "has a value that is not acceptable"
        ),
        ("[]", "body", "must be an object"),
        ("7", "body", "must be an object"),
    ])
    func namesTheFieldAndWhatItMustBe(json: String, field: String, detail: String) throws {
        let problem = try #require(self.problem(json, as: FeedbackRequest.self))
        #expect(problem.status.code == 422)
        #expect(problem.errors == [Problem.FieldError(field: field, detail: detail)])
    }

    @Test(arguments: ["", "{", "{\"a\":}", "nul", "{\"user_answer\":\"\u{1}\"}", "\u{FF}", "{}{}"])
    func tellsWhatIsNoJSONApart(json: String) throws {
        let problem = try #require(self.problem(json, as: FeedbackRequest.self))
        #expect(problem.status.code == 400)
        #expect(problem.code == "malformed_json")
    }

    @Test func namesPlacesInArrays() throws {
        let json = #"{"user_stats":{},"weak_areas":[{"area":"a","accuracy":1},{"area":2,"accuracy":1}]}"#
        let problem = try #require(self.problem(json, as: InsightsRequest.self))
        #expect(problem.errors.map(\.field) == ["weak_areas[1].area"])
    }

    @Test func neverRepeatsWhatWasSent() throws {
        for json in [
            #"{"user_answer":{"secreto":1},"correct_answer":"x"}"#,
            #"{"user_answer":"x","correct_answer":"x","language":"secreto"}"#,
            #"secreto"#,
        ] {
            let problem = try #require(self.problem(json, as: FeedbackRequest.self))
            #expect(!"\(problem)".contains("secreto"))
        }
    }

    @Test func bodiesOfAnyDepthAreRefusedAndNotFollowed() throws {
        let json = String(repeating: "[", count: 100_000)
        #expect(problem(json, as: FeedbackRequest.self)?.code == "malformed_json")
    }
}
