import Foundation
import Testing

@testable import RecuerdeAI

/// Every form of the verbs that `scripts/conjugations` compares with an independent conjugator. The script names the
/// file to write them to in `RECUERDE_CONJUGATIONS_TABLE`; without it the table is made and looked over only.
@Suite struct ConjugationTableTests {
    @Test func everyVerbOfTheListHasAllItsForms() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let list = try String(contentsOf: root.appending(path: "scripts/conjugations.verbs"), encoding: .utf8)
        let verbs = list.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(verbs.count >= 500 && Set(verbs).count == verbs.count)
        #expect(VerbLexicon.listed.isSubset(of: verbs))
        var lines: [String] = []
        for text in verbs {
            let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)), "\(text)")
            for person in GrammaticalPerson.allCases {
                for tense in SubjunctiveTense.allCases {
                    lines.append(Self.line(text, "subjunctive.\(tense)", "\(person)", verb.forms(tense, person)))
                }
                for tense in IndicativeTense.allCases {
                    lines.append(Self.line(text, "indicative.\(tense)", "\(person)", verb.forms(tense, person)))
                }
            }
            lines.append(Self.line(text, "gerund", "-", verb.gerunds))
            lines.append(Self.line(text, "participle", "-", verb.participles))
        }
        #expect(!lines.contains { $0.hasSuffix("\t") || $0.contains("||") })
        guard let path = ProcessInfo.processInfo.environment["RECUERDE_CONJUGATIONS_TABLE"] else { return }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
    }

    private static func line(_ verb: String, _ tense: String, _ person: String, _ forms: [String]) -> String {
        "\(verb)\t\(tense)\t\(person)\t\(forms.joined(separator: "|"))"
    }
}
