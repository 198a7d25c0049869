import Foundation
import RecuerdeTesting

/// Proves the truths of the cache against real processes, and measures what two tiers cost.
///
///     TruthSoak soak [--part values|leases|source] [--seconds S] [--operations N] [--seed N] [--flaw NAME]
///     TruthSoak measure [--only hit,plant,latency,recovery] | [--only cold,stale,tags,invalidate [--json]]
///
/// A process of the soak is the same program: `TruthSoak node …`.
@main
enum TruthSoak {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        let arguments = Arguments(words.dropFirst())
        switch words.first {
        case "soak": try soak(arguments)
        case "node": try await node(arguments)
        case "measure": try await Measurements.run(arguments)
        default: fail("usage: TruthSoak soak|measure …")
        }
    }

    private static func node(_ arguments: Arguments) async throws {
        switch Part(rawValue: arguments.text("--part")) {
        case .values?:
            let node = try NodeProcess(arguments)
            await node.run()
        case .leases?: try await LeaseProcess(arguments).run()
        case .source?: try await SourceProcess(arguments).run()
        case nil: fail("no such part")
        }
    }

    private static func soak(_ arguments: Arguments) throws {
        let seed = UInt64(arguments.integer("--seed", else: Int(nanoseconds() % 1_000_000)))
        let name = arguments.text("--flaw", else: "")
        let flaw = Flaw(rawValue: name)
        guard name.isEmpty || flaw != nil else { fail("no flaw \(name); there are \(Flaw.allCases.map(\.rawValue))") }
        let part = Part(rawValue: arguments.text("--part", else: ""))
        // A flaw is to be found by its part.
        let parts = flaw.map { [$0.part] } ?? part.map { [$0] } ?? Part.allCases
        let seconds = arguments.integer("--seconds", else: 0)
        var violations = 0
        for part in parts {
            // One of several takes less than the values, which need most.
            let rounds = max(1, parts.count > 1 ? seconds / 60 : seconds / 20)
            switch part {
            case .values: violations += try values(arguments, seed, seconds, flaw)
            case .leases:
                let director = try LeaseDirector(seed: seed, rounds: rounds, flaw: flaw)
                try director.run()
                var judge = LeaseJudge(director)
                let verdict = judge.judged()
                verdict.print("soak of the truths, leases: seed \(seed)")
                violations += verdict.count
            case .source:
                let director = try SourceDirector(seed: seed, cycles: rounds, flaw: flaw)
                try director.run()
                var judge = SourceJudge(director)
                let verdict = judge.judged()
                verdict.print("soak of the truths, source: seed \(seed)")
                violations += verdict.count
            }
        }
        exit(violations == 0 ? 0 : 1)
    }

    /// Returns how many violations there were.
    private static func values(_ arguments: Arguments, _ seed: UInt64, _ seconds: Int, _ flaw: Flaw?) throws -> Int {
        let operations = arguments.integer("--operations", else: 0)
        let cycles = max(1, (seconds * 1_000 + 12_500) / Int(Plan.cycle / 1_000_000))
        var tally = Tally()
        var (turn, done) = (UInt64(0), 0)
        // A few cycles for each Redis, each run with a seed of its own.
        while done < cycles || tally.operations < operations {
            let part = max(1, min(4, cycles - done))
            let director = try Director(cycles: part, seed: seed &+ turn, flaw: flaw)
            try director.run()
            tally.add(Judge(director).verdict(), of: director)
            turn += 1
            done += part
        }
        tally.print(seed: seed)
        return tally.violations
    }
}
