import Recuerde

/// Measures the memory tier through the public interface of a cache without a remote tier: with expiry, weights and statistics.
///
///     MemoryBench [--entries N] [--seconds S] [--only read,mix,hot,uniform,nothing,memory,growth,expiry,clear]
///     MemoryBench --churn PUTS [--seconds S]
///     MemoryBench --calls HITS [--json]
@main
enum MemoryBench {
    static func main() async throws {
        var entries = 1_000_000
        var seconds = 2.0
        var only: Set<String> = []
        var churn: Int?
        var calls: Int?
        var json = false
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--entries": entries = arguments.popFirst().flatMap(Int.init) ?? entries
            case "--seconds": seconds = arguments.popFirst().flatMap(Double.init) ?? seconds
            case "--churn": churn = arguments.popFirst().flatMap(Int.init)
            case "--calls": calls = arguments.popFirst().flatMap(Int.init)
            case "--json": json = true
            case "--only": only = Set((arguments.popFirst() ?? "").split(separator: ",").map(String.init))
            default: fatal("unknown argument \(argument)")
            }
        }
        if let churn { return try await Churn.measure(puts: churn, seconds: seconds) }
        if let calls { return try await CallForms.measure(hits: max(1, calls), json: json) }
        func wants(_ part: String) -> Bool { only.isEmpty || only.contains(part) }
        var bytesPerEntry = 0
        if wants("memory") { bytesPerEntry = try await MemoryUse.measure(entries: entries) }
        let operations = Speed.Operation.allCases.filter { wants($0.rawValue) }
        if !operations.isEmpty {
            let speed = try await Speed(entries: entries, seconds: seconds, bytesPerEntry: bytesPerEntry)
            for operation in operations {
                for threads in [1, 2] { try await speed.measure(operation, threads: threads) }
            }
        }
        if wants("growth") { try await Pauses.growth(entries: entries) }
        if wants("expiry") { try await Pauses.expiry(entries: entries) }
        if wants("clear") { try await Pauses.clear(entries: entries) }
    }
}
