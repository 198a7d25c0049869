import Recuerde

/// Measures the memory tier through the public interface of a cache without a remote tier: with expiry, weights and statistics.
///
///     MemoryBench [--entries N] [--seconds S] [--only read,mix,hot,uniform,latency,memory,expiry,clear]
@main
enum MemoryBench {
    static func main() async throws {
        var entries = 1_000_000
        var seconds = 2.0
        var only: Set<String> = []
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--entries": entries = arguments.popFirst().flatMap(Int.init) ?? entries
            case "--seconds": seconds = arguments.popFirst().flatMap(Double.init) ?? seconds
            case "--only": only = Set((arguments.popFirst() ?? "").split(separator: ",").map(String.init))
            default: fatal("unknown argument \(argument)")
            }
        }
        func wants(_ part: String) -> Bool { only.isEmpty || only.contains(part) }
        var bytesPerEntry = 0
        if wants("memory") { bytesPerEntry = try await MemoryUse.measure(entries: entries) }
        let speed = try await Speed(entries: entries, seconds: seconds, bytesPerEntry: bytesPerEntry)
        if wants("read") {
            for threads in [1, 2] { try await speed.measure(.read, threads: threads) }
        }
        if wants("mix") {
            for threads in [1, 2] { try await speed.measure(.mix, threads: threads) }
        }
        if wants("uniform") {
            for threads in [1, 2] { try await speed.measure(.uniform, threads: threads) }
        }
        if wants("hot") {
            for threads in [1, 2] { try await speed.measure(.hot, threads: threads) }
        }
        if wants("expiry") { try await Pauses.expiry(entries: entries) }
        if wants("clear") { try await Pauses.clear(entries: entries) }
    }
}
