import Foundation

/// Runs `redis-benchmark`, where it is installed, against the same server in the same run.
struct RedisBenchmarkPeer {
    var host: String
    var port: Int
    var operations: Int
    var valueBytes: Int

    /// GET and SET with 50 connections and no pipeline; nil where the program is missing or the server refuses it.
    func measure() throws -> [BenchMeasurement]? {
        guard let program = Self.find("redis-benchmark") else { return nil }
        let process = Process()
        process.executableURL = program
        process.arguments = [
            "-h", host, "-p", "\(port)", "-c", "50", "-P", "1", "-n", "\(operations)", "-d", "\(valueBytes)",
            "-r", "1024", "-t", "set,get", "--csv",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return Self.parse(text, valueBytes: valueBytes)
    }

    /// Lines of comma-separated values in quotes: test, requests per second, then latencies in milliseconds (average,
    /// minimum, p50, p95, p99, maximum).
    static func parse(_ text: String, valueBytes: Int) -> [BenchMeasurement]? {
        let rows = text.split(separator: "\n").compactMap { line -> BenchMeasurement? in
            let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\" ")) }
            guard fields.count >= 7, let rate = Double(fields[1]), ["GET", "SET"].contains(fields[0]) else {
                return nil
            }
            return BenchMeasurement(
                client: "redis-benchmark",
                operation: fields[0].lowercased(),
                tasks: 50,
                valueBytes: valueBytes,
                operationsPerSecond: rate,
                p50: Double(fields[4]).map { $0 * 1_000 },
                p99: Double(fields[6]).map { $0 * 1_000 }
            )
        }
        return rows.isEmpty ? nil : rows
    }

    private static func find(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.lazy.map { URL(filePath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
