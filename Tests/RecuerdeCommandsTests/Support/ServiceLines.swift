import RecuerdeServer
import Synchronization

/// Log lines of a service, and its port as soon as one tells it.
final class ServiceLines: LogSink {
    private let lines = Mutex<[String]>([])
    let ports: AsyncStream<Int>
    private let source: AsyncStream<Int>.Continuation

    init() {
        (ports, source) = AsyncStream.makeStream(of: Int.self)
    }

    func write(_ line: String) {
        lines.withLock { $0.append(line) }
        guard line.contains("\"event\":\"service_started\""), let start = line.firstRange(of: "\"port\":") else {
            return
        }
        source.yield(Int(line[start.upperBound...].prefix { $0.isNumber }) ?? -1)
    }

    var all: [String] { lines.withLock { $0 } }
    var text: String { all.joined() }
}
