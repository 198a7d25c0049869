import Testing

@testable import RecuerdeAI

@Suite struct ProviderEndpointTests {
    @Test(arguments: [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
        ("https://API.Anthropic.com//v1//", "https://api.anthropic.com/v1/messages"),
        ("https://gateway.test/anthropic", "https://gateway.test/anthropic/v1/messages"),
        ("https://gateway.test/v1beta/claude", "https://gateway.test/v1beta/claude/messages"),
        ("https://gateway.test/v1/messages", "https://gateway.test/v1/messages"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/messages"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1/messages"),
        ("http://[::1]:8080/", "http://[::1]:8080/v1/messages"),
        ("http://127.8.9.10", "http://127.8.9.10/v1/messages"),
    ]) func baseAndPathAreJoined(_ base: String, _ url: String) throws {
        #expect(try ProviderEndpoint(baseURL: base, path: "messages", setting: "S").url == url)
    }

    @Test(arguments: [
        "https://api.anthropic.com", "https://api.anthropic.com/", "https://api.anthropic.com/v1",
        "https://API.anthropic.com:443/v1/", "https://api.anthropic.com/v1/messages",
    ]) func spellingsOfOneBaseAreOne(_ base: String) throws {
        let endpoint = try ProviderEndpoint(baseURL: base, path: "messages", setting: "S")
        #expect(endpoint.baseURL == "https://api.anthropic.com/v1")
        #expect(endpoint.url == "https://api.anthropic.com/v1/messages")
    }

    @Test(arguments: [
        "https://api.anthropic.com:8443", "https://api.anthropic.com/v2", "https://api.anthropic.com/x",
        "http://localhost/v1", "http://localhost:443/v1",
    ]) func otherBasesAreOthers(_ base: String) throws {
        let endpoint = try ProviderEndpoint(baseURL: base, path: "messages", setting: "S")
        #expect(endpoint.baseURL != "https://api.anthropic.com/v1")
        #expect(base.contains(":443") == endpoint.url.contains(":443"))
    }

    @Test(arguments: [
        "", "api.anthropic.com", "ftp://host", "https://", "https:///v1", "http://example.com",
        "http://127.0.0.1.evil.test", "http://localhost.evil.test", "http://10.0.0.1", "http://[::2]/",
        "https://secretuser:secretword@host.test", "https://host.test/?key=secretword", "https://host.test/#secretword",
        "https://host.test:99999", "http://127.0.0.256", "https://ho st.test",
    ]) func whatIsNoSafeBaseIsRefusedAndNotShown(_ base: String) {
        do {
            let endpoint = try ProviderEndpoint(baseURL: base, path: "messages", setting: "ANTHROPIC_BASE_URL")
            Issue.record("taken: \(endpoint.url)")
        } catch {
            #expect(error.code == .configuration)
            #expect(error.message.contains("ANTHROPIC_BASE_URL"))
            #expect(!error.description.contains("secret"))
        }
    }
}
