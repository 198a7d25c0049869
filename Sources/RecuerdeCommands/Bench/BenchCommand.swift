import ArgumentParser
import Logging
import NIOPosix
import RecuerdeRedis

/// Measures the cache on this machine, beside what the first generation of the service promised.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure reads and writes, in memory and (with REDIS_URL) over Redis.",
        discussion: """
            Over Redis it writes some thousand keys with a prefix of their own into the database that REDIS_URL names, \
            and removes them, or lets them expire within a minute. Where redis-benchmark is installed and the server takes \
            it, its figures stand beside, from the same run and of such keys. Build with -c release: a debug build says \
            nothing.
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: "Operations of each measurement over Redis; in memory ten times as many.")
    var operations: Int = 200_000

    @Option(help: "Bytes of each value.")
    var valueBytes: Int = 100

    @Option(help: "Entries with which the memory per entry is measured; 0 leaves it out.")
    var entries: Int = 200_000

    @Flag(help: "Print one JSON object a line.")
    var json = false

    init() {}

    func validate() throws {
        guard (1_000...100_000_000).contains(operations) else {
            throw ValidationError("--operations takes 1000 to 100000000.")
        }
        guard (1...1_000_000).contains(valueBytes) else { throw ValidationError("--value-bytes takes 1 to 1000000.") }
        guard (0...10_000_000).contains(entries) else { throw ValidationError("--entries takes 0 to 10000000.") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try Settings(options.reader())
            #if DEBUG
                CommandIO.current.writeError("recuerde: this is a debug build; its figures say nothing\n")
            #endif
            let workload = BenchWorkload(operations: operations, valueBytes: valueBytes)
            let use = entries > 0 ? try await BenchMemoryUse.measure(entries: entries, valueBytes: valueBytes) : nil
            var measured = try await workload.memory()
            if let url = settings.redisURL {
                let assembly = RemoteTierAssembly(settings: settings, logger: Logger(label: "recuerde.bench"))
                measured += try await overRedis(workload, assembly.configuration(for: url))
            }
            let report = BenchReport(measurements: measured, memoryUse: use)
            CommandIO.current.write(json ? try report.json() : report.table)
        }
    }

    private func overRedis(
        _ workload: BenchWorkload,
        _ configuration: RedisConfiguration
    ) async throws -> [BenchMeasurement] {
        let client = try configuration.makeExecutor(logger: Logger(label: "recuerde.bench"))
        do {
            try await client.connect()
            var measured = try await workload.client(client)
            if let peer = peer(of: configuration.url), let rows = try peer.measure() { measured += rows }
            measured += try await workload.redis(client)
            await client.shutdown()
            return measured
        } catch {
            await client.shutdown()
            throw StartError("the benchmark over Redis failed: \(error)")
        }
    }

    /// `redis-benchmark` is run only where it needs no password and no certificate, since it would show them.
    private func peer(of url: RedisURL) -> RedisBenchmarkPeer? {
        guard url.password == nil, url.scheme == .redis else { return nil }
        return RedisBenchmarkPeer(
            host: url.host,
            port: url.port,
            database: url.database,
            operations: operations,
            valueBytes: valueBytes
        )
    }
}
