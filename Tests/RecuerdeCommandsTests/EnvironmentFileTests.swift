import Foundation
import Testing

@testable import RecuerdeCommands

@Suite struct EnvironmentFileTests {
    @Test(arguments: [
        ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("A=", ""), ("A=a=b", "a=b"), ("A='x y'", "x y"),
        ("A=\"x y\"", "x y"), ("A='a\\nb'", "a\\nb"), ("A=\"a\\nb\"", "a\nb"), ("A=\"q\\\"q\"", "q\"q"),
        ("A=\"\\$x\\\\\"", "$x\\"), ("A=1 # comment", "1"), ("A=a#b", "a#b"), ("A='x' # comment", "x"),
        ("A=\"a\\zb\"", "a\\zb"), ("\u{FEFF}A=1", "1"), ("A=1\r\n", "1"), ("# A=2\n\nA=1\n", "1"), ("A=2\nA=1", "1"),
        ("A=$HOME", "$HOME"), ("A=#", ""),
    ])
    func readsValuesAsShellsAndContainerToolsWriteThem(text: String, expected: String) throws {
        #expect(try EnvironmentFile.parse(text, path: ".env") == ["A": expected])
    }

    @Test(arguments: ["A", "=1", "1A=x", "A B=1", "A-B=1", "A='x", "A=\"x", "A='x'y", "A=\"x\"y", "Ä=1", "A=\"\\\""])
    func refusesALineThatItDoesNotUnderstandAndSaysWhich(line: String) throws {
        let error = try #require(throws: SettingsError.self) {
            try EnvironmentFile.parse("OK=1\n# comment\n\(line)", path: "my.env")
        }
        #expect(error.description.hasPrefix("my.env line 3 "))
        #expect(line.count < 3 || !error.description.contains(line))
    }

    @Test func aMissingFileIsAnErrorOnlyWhereItWasNamed() throws {
        let path = "/nonexistent/\(UUID())/.env"
        #expect(try EnvironmentFile.load(path, isRequired: false) == nil)
        let error = try #require(throws: SettingsError.self) { try EnvironmentFile.load(path, isRequired: true) }
        #expect(error.description == "\(path) does not exist")
    }

    @Test func aFileOnDiskIsRead() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).env")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("REDIS_POOL_SIZE=4\n".utf8).write(to: file)
        #expect(try EnvironmentFile.load(file.path(), isRequired: true)?.values == ["REDIS_POOL_SIZE": "4"])
        try Data([0x41, 0x3D, 0xFF, 0xFE]).write(to: file)
        #expect(throws: SettingsError.self) { try EnvironmentFile.load(file.path(), isRequired: true) }
    }

    @Test func slipsOfTheKeyboardAreNoticed() {
        let loaded = EnvironmentFile.Loaded(
            path: ".env",
            values: ["RECUERDE_PROT": "1", "REDIS_ULR": "x", "RECUERDE_PORT": "1", "PATH": "x"]
        )
        #expect(EnvironmentFile.unknownNames(in: loaded) == ["RECUERDE_PROT", "REDIS_ULR"])
    }

    @Test func theExampleFileIsTheOneThatTheCatalogueMakes() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let example = try String(contentsOf: root.appending(path: ".env.example"), encoding: .utf8)
        #expect(example == EnvironmentFile.example, "run: swift run recuerde config --example > .env.example")
        for setting in SettingsCatalogue.all { #expect(example.contains("\n#\(setting.name)=")) }
        #expect(try EnvironmentFile.parse(example, path: ".env.example").isEmpty)
        let filled = example.replacing("\n#REDIS", with: "\nREDIS")
        #expect(try EnvironmentFile.parse(filled, path: ".env.example")["REDIS_CACHE_TTL"] == "3600")
    }
}
