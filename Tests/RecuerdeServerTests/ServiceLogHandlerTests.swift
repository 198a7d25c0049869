import Foundation
import Logging
import Testing

@testable import RecuerdeServer

@Suite struct ServiceLogHandlerTests {
    private func line(
        _ metadata: Logger.Metadata = [:],
        format: LogFormat = .json,
        event: Logger.Message = "event"
    ) -> String {
        let lines = RecordedLines()
        let logger = Logger(label: "test") { label in
            ServiceLogHandler(label: label, level: .info, format: format, sink: lines) {
                Date(timeIntervalSince1970: 1_784_550_000.25)
            }
        }
        logger.info(event, metadata: metadata)
        return lines.text
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func writesOneJSONObjectALine() throws {
        let text = line(["count": .stringConvertible(3), "backend": "redis"])
        #expect(text.hasSuffix("}\n"))
        #expect(text.filter { $0 == "\n" }.count == 1)
        let object = try object(text)
        #expect(object["timestamp"] as? String == "2026-07-20T12:20:00.250Z")
        #expect(object["level"] as? String == "info")
        #expect(object["event"] as? String == "event")
        #expect(object["backend"] as? String == "redis")
        #expect(object["count"] as? Int == 3)
    }

    @Test(arguments: [
        "quote \" backslash \\ slash /", "line\nfeed\r\ttab", "\u{0}\u{1}\u{1B}[31m\u{7F}\u{9B}", "\u{2028}\u{2029}",
        "\u{202E}turned\u{2066}", "é ñ 日本 \u{1F600}", "\",\"level\":\"forged", "}\n{\"event\":\"forged\"}",
    ])
    func anyTextComesBackAsItWasAndStaysOnItsLine(text: String) throws {
        let json = line(["value": "\(text)"])
        #expect(try object(json)["value"] as? String == text)
        for line in [json, line(["value": "\(text)"], format: .text)] {
            #expect(line.hasSuffix("\n"))
            #expect(line.unicodeScalars.dropLast().allSatisfy(isHarmless))
        }
    }

    /// Neither a control character nor a mark that breaks lines or turns text around.
    private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.properties.isBidiControl
            && ![.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }

    @Test func keysAreEscapedLikeValues() throws {
        #expect(try object(line(["a\"\n": "x"]))["a\"\n"] as? String == "x")
    }

    @Test(arguments: ["timestamp", "level", "event", "logger"])
    func metadataCannotTakeThePlaceOfTheLinesOwnNames(name: String) throws {
        let object = try object(line([name: "forged"]))
        #expect(object[name] as? String != "forged")
        #expect(object["_" + name] as? String == "forged")
    }

    @Test func nestedMetadataIsJSON() throws {
        let object = try object(line(["list": ["a", "b"], "map": ["x": ["y": "z"]]]))
        #expect(object["list"] as? [String] == ["a", "b"])
        #expect((object["map"] as? [String: [String: String]])?["x"]?["y"] == "z")
    }

    @Test func numbersThatJSONDoesNotKnowAreText() throws {
        let object = try object(line(["a": .stringConvertible(Double.nan), "b": .stringConvertible(1.5)]))
        #expect(object["a"] as? String == "nan")
        #expect(object["b"] as? Double == 1.5)
    }

    @Test func textIsForPeople() {
        let text = line(["kind": "hint", "why": "a b", "empty": ""], format: .text, event: "cache_hit")
        #expect(text == "2026-07-20T12:20:00.250Z INFO     cache_hit empty=\"\" kind=hint why=\"a b\"\n")
    }

    @Test func belowItsLevelItWritesNothing() {
        let lines = RecordedLines()
        var logger = Logger(label: "test") { ServiceLogHandler(label: $0, level: .warning, sink: lines) }
        logger.info("quiet")
        #expect(lines.all.isEmpty)
        logger.logLevel = .info
        logger.info("loud")
        #expect(lines.all.count == 1)
    }

    @Test func metadataOfTheLoggerIsOverriddenByTheEvents() throws {
        let lines = RecordedLines()
        var logger = Logger(label: "test") { ServiceLogHandler(label: $0, sink: lines) }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.info("x", metadata: ["a": "event"])
        let object = try object(lines.text)
        #expect(object["a"] as? String == "event")
        #expect(object["b"] as? String == "logger")
    }
}
