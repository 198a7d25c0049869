import RecuerdeTesting
import Testing

@testable import Recuerde

/// The scripted store of leases, and the names that they have.
@Suite struct LeaseStoreTests {
    @Test func theScriptedStoreKeepsTheContractOfAll() async throws {
        let time = ManualTimeSource()
        let store = ScriptedRemoteTier(timeSource: time)
        try await LeaseStoreConformance(store: store, prefix: "c:") { time.advance(by: $0) }.checkAll()
    }

    @Test func namesLieBesideTheEntriesAndNotAmongThem() {
        for format in [WireFormat.envelope, .plain] {
            let space = KeySpace(prefix: "a:{b}", format: format)
            let names = [space.loadLease("k:l"), space.lock("k:l")].map(\.name)
            #expect(Set(names).count == 2)
            for name in names {
                #expect(space.keyText(ofEntry: name) == nil && space.entryName(ofCompanion: name) == nil)
                #expect(name != space.marksName && !name.hasPrefix(space.head))
            }
        }
        let space = KeySpace(prefix: "test", format: .envelope)
        #expect(space.loadLease("k").name == "{test:v2:k}:l" && space.loadLease("k").counter == nil)
        #expect(space.lock("k").name == "{test:v2}:lock:k" && space.lock("k").counter == "{test:v2}:f")
        #expect(space.lock("k").channel == "test:leases" && space.loadLease("k").channel == "test:leases")
        #expect(KeySpace(prefix: "test", format: .plain).lock("k") == space.lock("k"))
        #expect(KeySpace(prefix: "test", format: .plain).loadLease("k").name == "{test:k}:l")
    }

    @Test func scenario77_namesOfDifferentPrefixesNeverMeet() {
        let prefixes = ["a", "a:v2", "a:b", "b", "a:lock", "a:v2:lock", "v2", "{a"]
        let keys: [CacheKey] = ["k", "b:k", "lock:k", "v2:k", "k:l", "f"]
        var seen: [String: String] = [:]
        for prefix in prefixes {
            let space = KeySpace(prefix: prefix, format: .envelope)
            for key in keys {
                for lease in [space.loadLease(key), space.lock(key)] {
                    for name in [lease.name, lease.counter ?? "\(prefix) has none"] {
                        #expect(seen[name] ?? prefix == prefix)
                        seen[name] = prefix
                    }
                }
            }
        }
    }
}
