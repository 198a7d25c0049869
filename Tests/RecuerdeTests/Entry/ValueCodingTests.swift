import Foundation
import Testing

@testable import Recuerde

@Suite struct ValueCodingTests {
    private struct Answer: Codable, Equatable, Sendable {
        var text: String
        var points: [Double]
        var nested: [String: Int?]
        var when: Date
    }

    private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Bool {
        let bytes = try ValueCoding.encode(value)
        return ValueCoding.decode(Value.self, from: bytes[...]) == value
    }

    @Test(arguments: ["true", "42", "null", "", "\"quoted\"", "{}", "niño", "\u{0}\r\n", "1e400"])
    func aStringIsNeverReinterpreted(text: String) throws {
        #expect(try roundTrip(text))
        let plain = try ValueCoding.encodePlain(text)
        #expect(plain == Array(text.utf8))
        #expect(ValueCoding.decodePlain(String.self, from: plain[...]) == text)
    }

    @Test func numbersKeepEveryBit() throws {
        #expect(try roundTrip(Int64.max))
        #expect(try roundTrip(Int64.min))
        #expect(try roundTrip(UInt64.max))
        #expect(try roundTrip(0.1 + 0.2))
        #expect(try roundTrip(Double.leastNonzeroMagnitude))
        #expect(try roundTrip(-Double.infinity))
        let nan = try ValueCoding.encode(Double.nan)
        #expect(ValueCoding.decode(Double.self, from: nan[...])?.isNaN == true)
    }

    @Test func structuresAndOptionalsComeBack() throws {
        let answer = Answer(
            text: "sea",
            points: [1.5],
            nested: ["a": nil, "b": 2],
            when: Date(timeIntervalSinceReferenceDate: 0.1)
        )
        #expect(try roundTrip(answer))
        #expect(try roundTrip([answer, answer]))
        #expect(try roundTrip(Int?.none))
        #expect(try roundTrip([String: [Int]]()))
        #expect(try roundTrip(true))
    }

    @Test func aPlainOptionalIsJSONAndNotABareString() throws {
        let bytes = try ValueCoding.encodePlain(String?.some("null"))
        #expect(ValueCoding.decodePlain(String?.self, from: bytes[...]) == .some("null"))
    }

    @Test func plainEntriesOfTheFirstGenerationAreRead() {
        let json = Array(#"{"verb": "hablar", "count": 2, "ok": true}"#.utf8)
        struct Entry: Codable, Equatable { var verb: String; var count: Int; var ok: Bool }
        #expect(
            ValueCoding.decodePlain(Entry.self, from: json[...]) == Entry(verb: "hablar", count: 2, ok: true)
        )
        #expect(ValueCoding.decodePlain(String.self, from: json[...]) == String(decoding: json, as: UTF8.self))
        #expect(ValueCoding.decodePlain(Int.self, from: json[...]) == nil)
        #expect(ValueCoding.decodePlain(String.self, from: [0xFF, 0xFE]) == nil)
    }
}
