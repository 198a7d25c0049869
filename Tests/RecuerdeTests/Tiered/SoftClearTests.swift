import Recuerde
import RecuerdeTesting
import Testing

/// `docs/scenarios-cache.md`: a clear after which old values may stand in for loads that fail.
@Suite(.timeLimit(.minutes(1))) struct SoftClearTests {
    private let fleet = Fleet()
    private var remote: ScriptedRemoteTier { fleet.remote }

    private func pass(_ time: Duration = .seconds(1)) { fleet.time.advance(by: time) }

    private func comeBack(_ nodes: Cache..., place: SourceLocation = #_sourceLocation) async throws {
        fleet.comeBack()
        for node in nodes { try await fleet.settle(node, place: place) }
    }

    @Test func scenario50_softLeavesWhatMayStandInAndHardNothing() async throws {
        for cache in [Nodes().memoryOnly(), fleet.node(1)] {
            for number in 0..<5 { try await cache.set("k\(number)", to: number, options: .standingIn) }
            try await cache.set("short", to: 1, options: .standingIn.withoutStaleLife)
            pass()
            #expect(try await cache.clear(keepingStale: true) == 6)
            for number in 0..<5 {
                #expect(try await cache.get("k\(number)", as: Int.self) == nil)
                #expect(try await cache.failing("k\(number)")?.value == number)
            }
            #expect(try await cache.failing("short") == nil)
            #expect(!remote.names.contains("test:v2:short"))
            // What was expired already is not counted again.
            #expect(try await cache.clear(keepingStale: true) == 0)
            try await cache.set("k0", to: 10, options: .standingIn)
            #expect(try await cache.get("k0") == 10)
            _ = try await cache.clear()
            for number in 0..<5 { #expect(try await cache.failing("k\(number)") == nil) }
            #expect(remote.names.isEmpty)
        }
    }

    @Test func scenario76_aSoftClearIsSeenByAllAndByWhoeverStartsLater() async throws {
        let (one, two, three) = (fleet.node(1), fleet.node(2), fleet.node(3))
        for number in 0..<3 { try await one.set("k\(number)", to: number, options: .standingIn) }
        pass()
        for number in 0..<3 { #expect(try await two.get("k\(number)") == number) }
        #expect(try await one.clear(keepingStale: true) == 3)
        for node in [one, two, three, fleet.node(4)] {
            for number in 0..<3 {
                #expect(try await node.get("k\(number)", as: Int.self) == nil)
                #expect(try await node.failing("k\(number)")?.value == number)
            }
        }
        #expect(try await two.value(for: "k0", options: .standingIn) { 10 } == 10)
        for node in [one, three] { #expect(try await node.get("k0") == 10) }
        // And a hard one takes the rest from all.
        pass()
        _ = try await three.clear()
        for node in [one, two, three, fleet.node(5)] { #expect(try await node.failing("k1") == nil) }
    }

    @Test func loadsFromBeforeItAreNotKept() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        try await one.set("k", to: 1, options: .standingIn.living(.seconds(1)))
        pass(.seconds(2))
        for loading in [one, two] {
            let door = Door()
            async let loaded = loading.value(for: "k", options: .standingIn) {
                await door.pass()
                return 2
            }
            await door.someoneWaits()
            pass()
            _ = try await one.clear(keepingStale: true)
            door.open()
            #expect(try await loaded == 2)
            for node in [one, two] {
                #expect(try await node.get("k", as: Int.self) == nil)
                #expect(try await node.failing("k")?.value == 1)
            }
        }
    }

    @Test func inMemoryAloneTheyAreNotKeptEither() async throws {
        let cache = Nodes().memoryOnly()
        let door = Door()
        async let loaded = cache.value(for: "k", options: .standingIn) {
            await door.pass()
            return 2
        }
        await door.someoneWaits()
        #expect(try await cache.clear(keepingStale: true) == 0)
        door.open()
        #expect(try await loaded == 2)
        #expect(try await cache.get("k", as: Int.self) == nil)
    }

    @Test func aSourceThatWasLeftAloneIsAskedAgain() async throws {
        let cache = fleet.node(1)
        try await cache.set("k", to: 1, options: .standingIn)
        pass()
        _ = try await cache.clear(keepingStale: true)
        let long = EntryOptions.standingIn.pausing(.seconds(60))
        #expect(try await cache.failing("k", long)?.value == 1)
        _ = try await cache.clear(keepingStale: true)
        #expect(try await cache.value(for: "k", options: long) { 2 } == 2)
    }

    @Test func underPlainItIsAHardOne() async throws {
        let cache = fleet.node(1) { $0.format = .plain }
        try await cache.set("k", to: 1, options: .standingIn)
        #expect(try await cache.clear(keepingStale: true) == 1)
        #expect(try await cache.failing("k") == nil)
        #expect(remote.names.isEmpty)
    }

    // MARK: Outages

    @Test func oneOfAnOutageIsCarriedOutOnceTheRemoteTierIsBack() async throws {
        let (one, two) = (fleet.node(1), fleet.node(2))
        await one.connect()
        try await one.set("k", to: 1, options: .standingIn)
        #expect(try await two.get("k") == 1)
        pass()
        remote.behave(Nodes.down)
        #expect(try await one.clear(keepingStale: true) == 1)
        #expect(try await one.get("k", as: Int.self) == nil)
        #expect(try await one.failing("k")?.value == 1)
        try await one.set("later", to: 2, options: .standingIn)
        #expect(try await one.get("later") == 2)
        try await comeBack(one)
        for node in [one, two, fleet.node(3)] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k")?.value == 1)
            #expect(try await node.get("later") == 2)
        }
    }

    /// What waits in the journal when the clear comes.
    enum Waiting: CaseIterable, Sendable {
        case set, removal, load, expiry, setAndExpiry
    }

    @Test(arguments: Waiting.allCases)
    func whatItFindsInTheJournalKeepsItsMeaning(waiting: Waiting) async throws {
        let cache = fleet.node(1)
        await cache.connect()
        try await cache.set("k", to: 1, options: .standingIn)
        pass()
        if waiting == .load { pass(.seconds(60)) }
        remote.behave(Nodes.down)
        switch waiting {
        case .set: try await cache.set("k", to: 2, options: .standingIn)
        case .removal: _ = try await cache.delete("k")
        case .load: #expect(try await cache.value(for: "k", options: .standingIn) { 2 } == 2)
        case .expiry: try await cache.expire("k")
        case .setAndExpiry:
            try await cache.set("k", to: 2, options: .standingIn)
            try await cache.expire("k")
        }
        pass()
        _ = try await cache.clear(keepingStale: true)
        #expect(try await cache.get("k", as: Int.self) == nil)
        let here: Int? =
            switch waiting {
            case .set, .load, .setAndExpiry: 2
            case .removal: nil
            case .expiry: 1
            }
        #expect(try await cache.failing("k")?.value == here)
        try await comeBack(cache)
        // A value that Redis did not have stands in no more, and neither does what it was to replace. Redis alone has what does: the copy here has
        // gone with the notice of the clear.
        let there: Int? = waiting == .expiry || waiting == .load ? 1 : nil
        remote.behave(Nodes.down)
        if waiting != .load { #expect(try await cache.failing("k") == nil) }
        fleet.comeBack()
        let late = fleet.node(2)
        #expect(try await late.get("k", as: Int.self) == nil)
        #expect(try await late.failing("k")?.value == there)
        #expect(try await cache.get("k", as: Int.self) == nil)
        let kept = try await cache.failing("k")?.value
        // What a load made is newer here than what the others have.
        #expect(kept == there || (waiting == .load && kept == 2))
    }

    @Test(arguments: [false, true]) func whatACutOffNodeNotedBeforeItDoesNotComeAfterIt(isRemoval: Bool) async throws {
        let tier = fleet.board.node(1)
        let (cutOff, connected) = (fleet.node(on: tier), fleet.node(2))
        await cutOff.connect()
        await connected.connect()
        try await connected.set("k", to: 1, options: .standingIn)
        pass()
        tier.cutOff()
        if isRemoval {
            _ = try await cutOff.delete("k")
        } else {
            try await cutOff.set("k", to: 2, options: .standingIn)
        }
        pass()
        _ = try await connected.clear(keepingStale: true)
        tier.cutOff(nil)
        pass(.seconds(3))
        try await fleet.settle(cutOff)
        for node in [cutOff, connected, fleet.node(3)] {
            #expect(try await node.get("k", as: Int.self) == nil)
            #expect(try await node.failing("k") == nil)
        }
    }

    @Test(arguments: [false, true]) func aHardClearThatWaitsIsNotMadeSoft(isSoftFirst: Bool) async throws {
        let cache = fleet.node(1)
        await cache.connect()
        try await cache.set("k", to: 1, options: .standingIn)
        pass()
        remote.behave(Nodes.down)
        _ = try await cache.clear(keepingStale: isSoftFirst)
        pass()
        _ = try await cache.clear(keepingStale: !isSoftFirst)
        #expect(try await cache.failing("k") == nil)
        try await comeBack(cache)
        #expect(remote.names.isEmpty)
        #expect(try await fleet.node(2).failing("k") == nil)
        // The next one is what it says.
        try await cache.set("k", to: 1, options: .standingIn)
        pass()
        _ = try await cache.clear(keepingStale: true)
        #expect(try await fleet.node(3).failing("k")?.value == 1)
    }

    @Test func whatComesBeforeItIsStampedIsExpiredAndWhatComesAfterItIsFresh() async throws {
        let tier = fleet.board.node(1)
        let cache = fleet.node(on: tier)
        await cache.connect()
        try await cache.set("k", to: 1, options: .standingIn)
        pass()
        // The clear asks for the time first; then it is stamped.
        tier.beforeNextAnswer {
            fleet.time.advance(by: .seconds(1))
            try? await fleet.node(2).set("k", to: 2, options: .standingIn)
        }
        _ = try await cache.clear(keepingStale: true)
        #expect(try await cache.get("k", as: Int.self) == nil)
        #expect(try await cache.failing("k")?.value == 2)
        try await cache.set("k", to: 3, options: .standingIn)
        #expect(try await fleet.node(3).get("k") == 3)
    }
}

extension EntryOptions {
    var withoutStaleLife: EntryOptions {
        var options = self
        options.maximumStaleness = .zero
        return options
    }
}
