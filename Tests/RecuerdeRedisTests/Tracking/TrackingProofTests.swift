import NIOCore
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

/// Tracked connections prove that they are alive and still tracked.
@Suite struct TrackingProofs {
    private static let pace = Duration.milliseconds(20)

    private static func quick(_ configuration: inout RedisConfiguration) {
        configuration.backoff = RedisBackoff(base: .milliseconds(1), cap: .milliseconds(5))
    }

    @Test func comeAtThePaceFromEachConnectionAndLeaveNothingBehind() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, connections: 2, probePace: Self.pace) { tracked in
                try await tracked.open()
                let identities = tracked.openIdentities
                try await until {
                    let proofs = tracked.events.value.proofs
                    return identities.allSatisfy { identity in proofs.count { $0 == identity } >= 5 }
                }
                #expect(Set(tracked.events.value.proofs) == identities)
                #expect(tracked.client.figures.connectionsOpened == 2)
                try await until { tracked.client.commandsInFlight == 0 }
            }
        }
    }

    @Test func comeAlsoFromAConnectionThatIsNeverIdle() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, probePace: Self.pace) { tracked in
                try await tracked.client.connect()
                try await until {
                    try await tracked.run("GET", "k")
                    return tracked.events.value.proofs.count >= 5
                }
            }
        }
    }

    @Test func comeAfterEveryNoticeOfWhatHappenedBeforeTheyWereAskedFor() async throws {
        try await withRedisServer { server in
            // What was heard, with the moment until which all has been heard.
            let heard = Shared<[(event: RedisTrackingEvent, until: Int64)]>([])
            try await withTrackedClient(
                server.url,
                probePace: .milliseconds(1),
                change: {
                    $0.tracking?.handler = { event in
                        guard case .proved(_, let sentBefore) = event else {
                            return heard.change { $0.append((event, .min)) }
                        }
                        heard.change { $0.append((event, ClientShared.now() - sentBefore.clampedNanoseconds)) }
                    }
                }
            ) { tracked in
                for round in 0..<50 {
                    try await tracked.run("GET", "k")
                    heard.change { $0 = [] }
                    try server.command("SET", "k", "\(round)")
                    let moment = ClientShared.now()
                    try await until { heard.value.contains { $0.until >= moment } }
                    let events = heard.value
                    let proof = try #require(events.firstIndex { $0.until >= moment })
                    let notice = events.firstIndex { if case .invalidated = $0.event { true } else { false } }
                    #expect(try #require(notice) < proof)
                }
            }
        }
    }

    @Test func areRefusedByAConnectionThatIsNoLongerTrackedAndItIsReplaced() async throws {
        try await withRedisServer { server in
            try await withTrackedClient(server.url, probePace: Self.pace, change: Self.quick) { tracked in
                try await tracked.client.connect()
                let first = try #require(tracked.client.trackedIdentity(forKey: "k"))
                try await tracked.run("CLIENT", "TRACKING", "OFF")
                try await until { tracked.openIdentities.count == 1 && !tracked.openIdentities.contains(first) }
                let second = try #require(tracked.client.trackedIdentity(forKey: "k"))
                #expect(
                    tracked.events.value.filter(\.isAboutLife)
                        == [.opened(identity: first), .closed(identity: first), .opened(identity: second)]
                )
                #expect(tracked.client.figures.connectionsOpened == 2)
                try await tracked.run("GET", "k")
                try server.command("SET", "k", "foreign")
                #expect(try await tracked.notices() == ["k"])
            }
        }
    }

    @Test func areNotGivenByAServerThatIsLoadingWhichDoesNoHarm() async throws {
        let isLoading = Shared(true)
        let script = FakeServer.greeted { _, words in
            switch words.first {
            case "PING": .bytes(isLoading.value ? "-LOADING Redis is loading\r\n" : "+PONG\r\n")
            default: .bytes(isLoading.value ? "-LOADING Redis is loading\r\n" : "%1\r\n+flags\r\n~1\r\n+on\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(server.url, probePace: Self.pace) { tracked in
                try await tracked.client.connect()
                try await until { server.commands.count { $0 == ["PING"] } >= 5 }
                #expect(tracked.events.value.proofs == [])
                isLoading.change { $0 = false }
                try await until { tracked.events.value.proofs.count >= 2 }
                #expect(server.connections == 1)
            }
        }
    }

    @Test func withoutTheRightToTRACKINGINFOComeByPINGAndItIsFoundOutOnce() async throws {
        let script: FakeServer.Script = { _, words in
            switch words.first {
            case "HELLO": .bytes(FakeServer.greeting)
            case "CLIENT" where words.contains("TRACKINGINFO"): .bytes("-NOPERM this user may not\r\n")
            case "PING": .bytes("+PONG\r\n")
            default: .bytes("+OK\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(server.url, probePace: Self.pace) { tracked in
                try await tracked.client.connect()
                try await until { tracked.events.value.proofs.count >= 5 }
                #expect(server.connections == 1)
                #expect(server.handshakes.count { $0 == ["CLIENT", "TRACKINGINFO"] } == 1)
            }
        }
    }

    @Test func withoutTheRightToPINGAreNotAskedForAgain() async throws {
        let script: FakeServer.Script = { _, words in
            switch words.first {
            case "HELLO": .bytes(FakeServer.greeting)
            case "PING": .bytes("-NOPERM this user may not\r\n")
            default: .bytes("+OK\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(server.url, probePace: .milliseconds(1)) { tracked in
                try await tracked.client.connect()
                try await until { server.commands.contains(["PING"]) }
                for _ in 0..<200 { try await tracked.run("GET", "k") }
                #expect(server.commands.count { $0 == ["PING"] } == 1)
                #expect(tracked.events.value.proofs == [])
                #expect(server.connections == 1)
            }
        }
    }

    @Test func thatDoNotComeEndAConnectionThatSaysNothing() async throws {
        let script: FakeServer.Script = { connection, words in
            switch words.first {
            case "HELLO": .bytes(FakeServer.greeting)
            case "PING": connection == 0 ? .nothing : .bytes("+PONG\r\n")
            default: connection == 0 && words.contains("TRACKINGINFO") ? .nothing : .bytes("+OK\r\n")
            }
        }
        try await FakeServer.with(script) { server in
            try await withTrackedClient(
                server.url,
                probePace: Self.pace,
                change: {
                    Self.quick(&$0)
                    $0.keepAlive = nil
                    $0.commandTimeout = .milliseconds(25)
                }
            ) { tracked in
                _ = try? await tracked.client.connect()
                try await until { tracked.events.value.identities.count >= 2 && !tracked.openIdentities.isEmpty }
                let first = try #require(tracked.events.value.identities.first)
                #expect(tracked.events.value.contains(.closed(identity: first)))
                #expect(!tracked.events.value.proofs.contains(first))
                try await until { tracked.events.value.proofs.contains { $0 > first } }
            }
        }
    }

    @Test func thatAProxySwallowsEndTheConnectionAndTheNextOneHasAnotherIdentity() async throws {
        try await withRedisServer { server in
            let proxy = try FaultProxy(to: server.port)
            defer { proxy.close() }
            try await withTrackedClient(
                proxy.url,
                probePace: Self.pace,
                change: {
                    Self.quick(&$0)
                    $0.commandTimeout = .milliseconds(50)
                    $0.connectTimeout = .milliseconds(500)
                }
            ) { tracked in
                try await eventually { try await tracked.client.connect() }
                try await until { tracked.events.value.proofs.count >= 2 }
                let first = try #require(tracked.client.trackedIdentity(forKey: "k"))
                proxy.toClients(.stop)
                try await until { tracked.client.trackedIdentity(forKey: "k") != first }
                proxy.toClients(.forward)
                try await until { tracked.client.trackedIdentity(forKey: "k") != nil }
                #expect(tracked.events.value.contains(.closed(identity: first)))
                // A connection that is cut is noticed without any probe.
                let second = try #require(tracked.client.trackedIdentity(forKey: "k"))
                proxy.cut(reset: true)
                try await until { tracked.openIdentities.contains { $0 > second } }
                #expect(tracked.events.value.contains(.closed(identity: second)))
            }
        }
    }
}
