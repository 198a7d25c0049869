import Recuerde
import Testing

@testable import RecuerdeAI

@Suite struct PriceTableTests {
    private func time(_ day: String) throws -> UnixTime {
        UnixTime(microseconds: try #require(CivilDay(day)).number * 86_400_000_000 + 43_200_000_000)
    }

    @Test func theBuiltInTableReadsStrictlyAndNamesEveryRowOnce() throws {
        let table = try PriceTable(json: PackageResources.prices_json)
        #expect(table.rows.count >= 20)
        #expect(Set(table.rows.map(\.id)).count == table.rows.count)
        #expect(table == PriceTable.builtIn)
        for row in table.rows {
            #expect(row.cachedInput <= row.input && row.input < row.output, "\(row.id)")
            #expect(row.source != nil, "\(row.id)")
        }
    }

    @Test(
        arguments: [
            ("anthropic", "claude-haiku-4-5", 100, "2026-11-01", "claude-haiku-4.5"),
            ("anthropic", "claude-haiku-4-5-20251001", 100, "2026-11-01", "claude-haiku-4.5"),
            ("anthropic", "claude-sonnet-5-5", 100, "2026-10-06", "claude-sonnet-5.5-before-2026-10-07"),
            ("anthropic", "claude-sonnet-5-5", 100, "2026-10-07", "claude-sonnet-5.5"),
            ("anthropic", "claude-haiku-5-5", 100_000, "2026-11-01", "claude-haiku-5.5"),
            ("anthropic", "claude-haiku-5-5", 100_001, "2026-11-01", "claude-haiku-5.5-above-100k"),
            ("anthropic", "claude-opus-5", 1, "2026-11-01", "claude-opus-5"),
            ("anthropic", "claude-opus-5-5", 1, "2026-11-01", "claude-opus-5.5"),
            ("openai", "gpt-5.6-luna", 1, "2026-07-29", "gpt-5.6-luna-before-2026-07-30"),
            ("openai", "gpt-5.6-luna-2026-07-30", 1, "2026-07-30", "gpt-5.6-luna"),
            ("openai", "gpt-6-sol", 272_001, "2026-11-01", "gpt-6-sol-above-272k"),
            ("openai", "claude-haiku-4-5", 1, "2026-11-01", nil),
            ("anthropic", "claude-haiku-4-5-turbo", 1, "2026-11-01", nil),
            ("anthropic", "claude-haiku-4", 1, "2026-11-01", nil),
            ("anthropic", "claude-haiku-5-5", 1, "2026-10-06", nil),
            ("openai", "llama3", 1, "2026-11-01", nil),
        ] as [(String, String, Int, String, String?)]
    )
    func theRowOfTheModelTheDayAndTheLengthIsTaken(
        _ provider: String,
        _ model: String,
        _ tokens: Int,
        _ day: String,
        _ row: String?
    ) throws {
        let found = PriceTable.builtIn.row(provider: provider, model: model, inputTokens: tokens, at: try time(day))
        #expect(found?.id == row)
    }

    @Test func moneyIsReckonedPerKindOfTokenAndRoundedUp() {
        let row = PriceRow(
            id: "x",
            provider: "p",
            models: ["m"],
            input: 1,
            cachedInput: 0.1,
            cacheWrite: 1.25,
            output: 5
        )
        #expect(row.microdollars(for: TokenUsage(input: 100, output: 50)) == 350)
        #expect(row.microdollars(for: TokenUsage(input: 0, cachedInput: 1_000, cacheWrite: 1_000)) == 1_350)
        #expect(row.microdollars(for: TokenUsage(cachedInput: 1)) == 1)
        #expect(row.microdollars(for: TokenUsage()) == 0)
    }

    @Test func absurdPricesAndTokensDoNotOverflow() {
        let row = PriceRow(id: "x", provider: "p", models: ["m"], input: .infinity, output: 1e300)
        let usage = TokenUsage(input: .max, cachedInput: .max, cacheWrite: .max, output: .max)
        #expect(row.microdollars(for: usage) == 400_000_000_000_000)
        let nothing = PriceRow(id: "x", provider: "p", models: ["m"], input: -1, output: .nan)
        #expect(nothing.microdollars(for: usage) == 0)
        #expect(TokenUsage(input: -5).input == 0)
    }

    @Test(arguments: [
        ("", "the price table"),
        ("{\"rows\":[{\"id\":\"a\"}]}", ".rows[0].provider"),
        (
            "{\"rows\":[{\"id\":\"a\",\"provider\":\"p\",\"models\":[\"m\"],\"input\":\"1\",\"output\":2}]}",
            ".rows[0].input"
        ),
        ("{\"rows\":[{\"id\":\"a\",\"provider\":\"p\",\"models\":[],\"input\":1,\"output\":2}]}", "\"a\""),
        (
            "{\"rows\":[{\"id\":\"a\",\"provider\":\"p\",\"models\":[\"m\"],\"input\":1,\"output\":2,"
                + "\"effective_from\":\"2026-02-30\"}]}", "effective_from"
        ),
    ]) func aBadTableIsRefusedWithItsPlace(_ json: String, _ place: String) {
        let error = #expect(throws: AIServiceError.self) { try PriceTable(json: json.utf8) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(place) == true)
    }
}
