import Foundation
import Testing

@testable import RecuerdeAI

/// Holds docs/tutor.md to what the tutor says.
@Suite struct TutorDocumentationTests {
    private struct Example {
        var title: [String]
        var text: String
    }

    private static func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The examples of the page: a line of what is asked, with bars between its parts, and one quoted line of what is said.
    private static func examples() throws -> [Example] {
        let page = try text("docs/tutor.md")
        var examples: [Example] = []
        for line in page.split(separator: "\n") {
            if line.hasPrefix("`"), line.contains(" | ") {
                let parts = line.filter { $0 != "`" }.split(separator: "|").map {
                    $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
                }
                examples.append(Example(title: parts.map { String($0) }, text: ""))
            } else if line.hasPrefix("> "), let last = examples.indices.last, examples[last].text.isEmpty {
                examples[last].text = String(line.dropFirst(2))
            }
        }
        return examples
    }

    @Test func everyExampleOfThePageIsWhatTheTutorSays() throws {
        let examples = try Self.examples()
        #expect(examples.count >= 10)
        for example in examples {
            #expect(try Self.said(example.title) == example.text, "\(example.title)")
        }
    }

    @Test func theFiguresOfThePageAreThoseOfTheLists() throws {
        let page = try Self.text("docs/tutor.md")
        #expect(page.contains("The lexicon lists \(VerbLexicon.listed.count);"), "\(VerbLexicon.listed.count)")
        #expect(page.contains("holds \(LabelledAnswers.all.count) answers"), "\(LabelledAnswers.all.count)")
        let verbs = try Self.text("scripts/conjugations.verbs").split(whereSeparator: \.isWhitespace)
        #expect(page.contains("every form of \(verbs.count) verbs"), "\(verbs.count)")
        #expect(page.contains("`\(Tutor.version)`"))
    }

    /// `feedback | en | verb | tense | person | trigger | right | answer`, or `hint | en | verb | tense | person | trigger |
    /// level`.
    private static func said(_ parts: [String]) throws -> String {
        guard parts.count >= 7, let language = Language(rawValue: parts[1]) else { return "a line with too few parts" }
        let exercise = Exercise(verb: parts[2], tense: parts[3], person: parts[4], trigger: parts[5])
        if parts[0] == "hint" {
            let level = try #require(Int(parts[6]))
            return Tutor().hint(for: HintRequest(exercise: exercise, language: language, level: level))
        }
        let answer = try #require(parts.dropFirst(7).first)
        return Tutor().feedback(
            for: FeedbackRequest(
                userAnswer: answer,
                correctAnswer: parts[6],
                exerciseContext: exercise,
                language: language
            )
        )
    }
}
