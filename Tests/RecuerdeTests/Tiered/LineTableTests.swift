import Testing

@testable import Recuerde

/// Which lines stand, and how good a copy in memory is.
@Suite struct LineTableTests {
    private let table = LineTable(stalenessBound: .seconds(5))

    private func at(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    @Test func aLineIsBelievedForSoLongAfterItsLastProof() throws {
        let line = try #require(table.open(now: at(10)))
        #expect(table.isVerified(line.number, now: at(14.9)))
        #expect(!table.isVerified(line.number, now: at(15)))
        table.prove(line, at: at(12))
        #expect(table.standing(line.number, now: at(16.9)) == .verified)
        #expect(table.standing(line.number, now: at(17)) == .lost)
        // An older proof, which comes later, takes nothing back.
        table.prove(line, at: at(11))
        #expect(table.isVerified(line.number, now: at(16.9)))
    }

    @Test func whatWasReadOverALineThatIsGoneIsUnverifiedAndThenLost() throws {
        let line = try #require(table.open(now: at(10)))
        table.prove(line, at: at(12))
        table.close(line)
        #expect(!table.isVerified(line.number, now: at(12)))
        #expect(table.standing(line.number, now: at(16.9)) == .unverified)
        #expect(table.standing(line.number, now: at(17)) == .lost)
        // No proof brings it back.
        table.prove(line, at: at(16))
        #expect(table.standing(line.number, now: at(17)) == .lost)
        #expect(table.count == 0)
    }

    @Test func aLineThatIsClosedWithoutGraceVouchesForNothing() throws {
        let line = try #require(table.open(now: at(10)))
        table.close(line, withGrace: false)
        #expect(table.standing(line.number, now: at(10)) == .lost)
        #expect(table.provedAt(line.number) == nil)
    }

    @Test func aBoundOfZeroServesNothingOnceTheLineIsGone() throws {
        let strict = LineTable(stalenessBound: .zero)
        let line = try #require(strict.open(now: at(10)))
        // As long as the line stands and is proved at its pace, it is believed all the same.
        #expect(strict.standing(line.number, now: at(10.2)) == .verified)
        #expect(strict.standing(line.number, now: at(10.3)) == .lost)
        strict.prove(line, at: at(10.2))
        strict.close(line)
        #expect(strict.standing(line.number, now: at(10.2)) == .lost)
    }

    @Test func noLineIsNeverVerified() {
        #expect(!table.isUsed)
        #expect(table.standing(0, now: at(0)) == .lost && !table.isVerified(0, now: at(-1)))
        #expect(table.standing(7, now: at(0)) == .lost)
        #expect(table.standing(.max, now: at(0)) == .lost)
    }

    @Test func placesAreTakenAgainAndNumbersAreNot() throws {
        var lines: [InvalidationLine] = []
        for _ in 0..<LineTable.capacity { lines.append(try #require(table.open(now: at(1)))) }
        #expect(table.open(now: at(1)) == nil)
        #expect(table.count == LineTable.capacity && table.isUsed)
        let old = lines[3]
        table.close(old)
        let new = try #require(table.open(now: at(2)))
        #expect(new != old && Int(new.number) % LineTable.capacity == Int(old.number) % LineTable.capacity)
        #expect(table.standing(old.number, now: at(2)) == .lost)
        #expect(table.isVerified(new.number, now: at(2)))
        // What concerns the old one does nothing to the new one.
        table.close(old)
        table.prove(old, at: at(9))
        #expect(table.isVerified(new.number, now: at(6.9)) && !table.isVerified(new.number, now: at(7)))
    }

    @Test func proofsComeSeveralTimesWithinTheBound() {
        #expect(LineTable.pace(for: .seconds(5)) == .seconds(1))
        #expect(LineTable.pace(for: .seconds(1)) == .milliseconds(200))
        #expect(LineTable.pace(for: .zero) == .milliseconds(100))
        #expect(LineTable.pace(for: .seconds(1_000_000)) == .seconds(1))
    }
}
