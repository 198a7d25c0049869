import Foundation
import RecuerdeTesting

/// Proves the truths of the cache against real processes, and measures what two tiers cost.
///
///     TruthSoak soak [--seconds S] [--operations N] [--seed N] [--flaw unchecked|deaf|tokenless|untimely]
///     TruthSoak measure [--only hit,plant,latency,recovery]
///
/// A process of the soak is the same program: `TruthSoak node …`.
@main
enum TruthSoak {
    static func main() async throws {
        let words = CommandLine.arguments.dropFirst()
        let arguments = Arguments(words.dropFirst())
        switch words.first {
        case "soak": try soak(arguments)
        case "node":
            let node = try NodeProcess(arguments)
            await node.run()
        case "measure": try await Measurements.run(arguments)
        default: fail("usage: TruthSoak soak|measure …")
        }
    }

    private static func soak(_ arguments: Arguments) throws {
        let seed = UInt64(arguments.integer("--seed", else: Int(nanoseconds() % 1_000_000)))
        let flaw = Flaw(rawValue: arguments.text("--flaw", else: ""))
        let operations = arguments.integer("--operations", else: 0)
        let cycles = max(1, (arguments.integer("--seconds", else: 0) * 1_000 + 12_500) / Int(Plan.cycle / 1_000_000))
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
        exit(tally.violations == 0 ? 0 : 1)
    }
}
