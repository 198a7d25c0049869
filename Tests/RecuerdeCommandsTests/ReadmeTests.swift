import ArgumentParser
import Foundation
import Testing

@testable import RecuerdeCommands

/// Holds the README to what the code says.
@Suite struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private func section(of text: String, from start: String, to end: String) -> String? {
        guard let first = text.firstRange(of: start), let last = text[first.upperBound...].firstRange(of: end) else {
            return nil
        }
        return String(text[first.upperBound..<last.lowerBound])
    }

    @Test func theTableOfSettingsIsTheOneThatTheCatalogueMakes() throws {
        let table = section(
            of: try text("README.md"),
            from: "<!-- settings: recuerde config --markdown -->\n",
            to: "<!-- /settings -->"
        )
        #expect(table == SettingsCatalogue.markdown, "run: swift run recuerde config --markdown")
    }

    @Test func theExampleIsTheSnippetThatIsCompiled() throws {
        let example = section(of: try text("README.md"), from: "```swift\nimport Recuerde\n", to: "```")
        let snippet = try text("Snippets/GettingStarted.swift")
        let code = snippet.firstRange(of: "import Recuerde\n").map { String(snippet[$0.upperBound...]) }
        #expect(example != nil)
        #expect(example == code)
    }

    @Test func everyCommandStandsInItsTable() throws {
        let readme = try text("README.md")
        let names = RecuerdeCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        #expect(names.count >= 4)
        for name in names { #expect(readme.contains("| `recuerde \(name)` |"), "\(name)") }
    }
}
