import Foundation
import Testing

@testable import RecuerdeAI

@Suite struct InsightsParserTests {
    @Test(arguments: [
        ("[\"a\",\"b\"]", ["a", "b"]),
        ("Sure! Here you are:\n```json\n[\"a\", \"b [c]\"]\n```\nGood luck!", ["a", "b [c]"]),
        ("{\"insights\": [\" a \"], \"more\": 1}", ["a"]),
        ("As [1] says, {not json} but: [\"a\"]", ["a"]),
        ("[\"a \\\"quoted\\\" ] bracket\"]", ["a \"quoted\" ] bracket"]),
        ("[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]", ["1", "2", "3", "4", "5"]),
        ("[\"\", \"  \", \"a\"]", ["a"]),
        ("[] [\"a\"]", ["a"]),
        ("{\"result\":{\"insights\":[\"a\"]}}", ["a"]),
        ("[[\"a\"]]", ["a"]),
        ("You gave me [\"imperfect\", \"ser\"]. So: [\"Practise.\", \"Rest.\"]", ["Practise.", "Rest."]),
        ("[\"draft\"]\n{\"insights\": [\"final\"]}", ["final"]),
        ("{\"insights\": [\"a\"], \"weak_areas\": [\"ser\"]}", ["a"]),
        ("[\"a\"]\nThat was based on [1] and [] only.", ["a"]),
        ("[\"cafe\u{301}\nwith a break\"]".replacingOccurrences(of: "\n", with: "\\n"), ["café with a break"]),
    ]) func theListIsFoundWhateverStandsAroundIt(_ text: String, _ insights: [String]) {
        #expect(InsightsParser.parse(text) == insights)
    }

    @Test(arguments: [
        "", "no list here", "[]", "[1,2]", "{\"insights\":\"a\"}", "{\"insights\":[]}", "[\"a\"", "[\"\"]",
        "- first\n- second", "[\"\(String(repeating: "x", count: 601))\"]",
    ]) func anythingElseIsRefused(_ text: String) {
        #expect(InsightsParser.parse(text) == nil)
    }

    @Test func aTabBetweenWordsKeepsThemApart() throws {
        #expect(try AnswerText.paragraph("one\ttwo\u{7}\nthree\t") == "one two\nthree")
        #expect(AnswerText.line("one\ttwo") == "one two")
    }

    @Test func hostileTextCostsABoundedTime() {
        let text = String(repeating: "[", count: 200_000) + "\"a\"]"
        #expect(InsightsParser.parse(text) == nil)
    }
}
