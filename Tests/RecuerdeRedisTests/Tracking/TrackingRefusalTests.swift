import Logging
import NIOCore
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeRedis

/// A logger that keeps what is said at a level and above.
private struct KeepingHandler: LogHandler {
    let lines: Shared<[String]>
    var least = Logger.Level.warning
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= least else { return }
        lines.change { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

@Suite struct TrackingThatIsRefused {
    @Test func byAnACLTurnsTrackingOffWithOneLineAndTheClientWorks() async throws {
        var options = RedisServerOptions()
        options.users = ["app on >secret ~* +@all -client"]
        let lines = Shared<[String]>([])
        try await withRedisServer(options) { server in
            try await withTrackedClient(
                server.url.replacing("redis://", with: "redis://app:secret@"),
                connections: 2,
                logger: Logger(label: "test", factory: { _ in KeepingHandler(lines: lines) }),
                change: { $0.clientName = "me" }
            ) { tracked in
                for index in 0..<20 { try await tracked.run("SET", "k\(index)", "v") }
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { try await tracked.client.ping() }
                let tracking = tracked.client.state.tracking
                #expect(!tracking.isOn)
                #expect(tracking.reason?.contains("NOPERM") == true, "\(tracking)")
                #expect(tracked.events.value == [])
            }
        }
        #expect(lines.value.count == 1)
        #expect(lines.value.first?.contains("redis_tracking_off") == true)
    }

    @Test func orProtectionFromEvictionThatIsRefusedIsSaidInOneLine() async throws {
        var options = RedisServerOptions()
        options.users = ["app on >secret ~* +@all -client"]
        let lines = Shared<[String]>([])
        try await withRedisServer(options) { server in
            try await withTrackedClient(
                server.url.replacing("redis://", with: "redis://app:secret@"),
                connections: 2,
                logger: Logger(label: "test", factory: { _ in KeepingHandler(lines: lines, least: .notice) })
            ) { tracked in
                for index in 0..<20 { try await tracked.run("SET", "k\(index)", "v") }
                try server.command("CLIENT", "KILL", "TYPE", "normal")
                try await eventually { try await tracked.client.ping() }
            }
        }
        #expect(lines.value.count(where: { $0.contains("redis_no_evict_off") }) == 1)
    }

    @Test func byAnOldServerTurnsTrackingOff() async throws {
        try await FakeServer.with { _, words in
            switch words.first {
            case "HELLO", "CLIENT": .bytes("-ERR unknown command\r\n")
            case "INFO": .bytes("$22\r\nredis_version:4.0.14\r\n\r\n")
            default: .bytes("+PONG\r\n")
            }
        } _: { server in
            try await withTrackedClient(server.url) { tracked in
                try await tracked.client.ping()
                #expect(tracked.client.state.tracking == .off("the server speaks RESP2 only"))
                #expect(tracked.events.value == [])
            }
        }
    }

    /// Several connections, each of them several times: one line for the client, which names what is lost.
    @Test(arguments: [true, false])
    func orRESP3ThatIsNotSpokenIsSaidInOneLine(isOld: Bool) async throws {
        let lines = Shared<[String]>([])
        let script: FakeServer.Script = { _, words in
            switch words.first {
            case "HELLO": .bytes(isOld ? "-ERR unknown command 'HELLO'\r\n" : FakeServer.greeting)
            case "INFO": .bytes("$22\r\nredis_version:5.0.14\r\n\r\n")
            case "QUIT": .last("+OK\r\n")
            default: .bytes("+OK\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(
                server.url,
                connections: 2,
                logger: Logger(label: "test", factory: { _ in KeepingHandler(lines: lines, least: .notice) }),
                change: { $0.tracking = nil }
            ) { tracked in
                for _ in 0..<3 {
                    for connection in 0..<2 { try await tracked.run("GET", tracked.key(of: connection)) }
                    _ = try await tracked.client.send(RedisCommand("PING", key: nil), lane: .bulk)
                    _ = try? await tracked.run("QUIT")
                }
                #expect(server.connections >= 3)
            }
        }
        let said = lines.value.filter { $0.contains("redis_old_protocol") }
        #expect(said.count == (isOld ? 1 : 0))
        if isOld {
            #expect(said.first?.contains("tracking") == true && said.first?.contains("push") == true)
            #expect(said.first?.contains("5.0.14") == true)
        }
    }

    @Test func byAProxyThatSaysYesToEverythingInTheOldProtocolTurnsTrackingOff() async throws {
        try await FakeServer.with { _, words in
            .bytes(words.first == "PING" ? "+PONG\r\n" : "+OK\r\n")
        } _: { server in
            try await withTrackedClient(server.url) { tracked in
                try await tracked.client.ping()
                #expect(!tracked.client.state.tracking.isOn)
                #expect(tracked.events.value == [])
            }
        }
    }

    @Test(arguments: [["a", "ab"], ["ab", "a"], ["same", "same"], ["x", ""]])
    func byOverlappingPrefixesIsSaidBeforeAnyConnection(prefixes: [String]) {
        do {
            _ = try RedisTrackingConfiguration.Mode.broadcast(prefixes: prefixes)
            Issue.record("accepted")
        } catch {
            #expect(error.code == .invalidCommand)
            #expect(error.message.contains("overlap"))
        }
    }

    @Test func withoutBeingConfiguredIsOff() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await client.connect()
                #expect(client.state.tracking == .off("it is not configured"))
            }
        }
    }

    @Test func answersAreReadAsTheyAreMeant() {
        #expect(TrackingObserver.outcome(.simple("OK")) == .on)
        #expect(!TrackingObserver.outcome(.null).isOn)
        #expect(!TrackingObserver.outcome(.error(RESPErrorReply("NOPERM no"))).isOn)
    }
}
