import Testing

@testable import RecuerdeCommands

@Suite struct MaskingTests {
    @Test(arguments: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "RECUERDE_ADMIN_TOKEN"])
    func secretsAreFourStars(name: String) throws {
        let reader = SettingsReader(environment: [name: "hush-hush-hush-hush"])
        let report = SettingsReport(reader)
        let row = try #require(report.groups.flatMap(\.rows).first { $0.name == name })
        #expect(row.shown == "****")
        #expect(row.source == .environment)
        #expect(!report.text.contains("hush"))
    }

    @Test(arguments: [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:hush@localhost:6379/0", "redis://****@localhost:6379/0"),
        ("redis://user:hush@localhost:6379/0", "redis://****@localhost:6379/0"),
        ("rediss://user:hu@sh@host:1/2", "rediss://****@host:1/2"),
        ("user:hush@host", "****"),
        ("redis://:hush", "****"),
        ("hush", "****"),
    ])
    func aRedisURLIsMaskedWhereverItIsShown(url: String, shown: String) throws {
        let report = SettingsReport(SettingsReader(environment: ["REDIS_URL": url]))
        let row = try #require(report.groups.flatMap(\.rows).first { $0.name == "REDIS_URL" })
        #expect(row.shown == shown)
        #expect(!report.text.contains("hush"))
    }

    @Test func credentialsInOtherURLsAreMaskedToo() {
        let report = SettingsReport(SettingsReader(environment: ["OPENAI_BASE_URL": "https://me:hush@host/v1"]))
        #expect(!report.text.contains("hush"))
        #expect(report.text.contains("https://****@host/v1"))
    }

    @Test(arguments: [
        ("https://host/v1?key=hush", "https://host/v1?****"),
        ("https://host/v1#hush", "https://host/v1#****"),
        ("https://me:hush@host/v1?key=hush", "https://****@host/v1?****"),
    ])
    func theQueryOfABaseURLIsMasked(url: String, shown: String) {
        let report = SettingsReport(SettingsReader(environment: ["ANTHROPIC_BASE_URL": url]))
        #expect(!report.text.contains("hush"))
        #expect(report.text.contains(shown + " "))
    }

    @Test func everySettingStandsInTheReportOnce() {
        let names = SettingsReport(SettingsReader()).groups.flatMap(\.rows).map(\.name)
        #expect(names == SettingsCatalogue.all.map(\.name))
    }

    @Test func theMarkdownTableHasARowForEverySetting() {
        for setting in SettingsCatalogue.all { #expect(SettingsCatalogue.markdown.contains("| `\(setting.name)` |")) }
    }
}
