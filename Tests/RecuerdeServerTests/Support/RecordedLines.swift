import RecuerdeServer
import Synchronization

/// A log sink that keeps its lines.
final class RecordedLines: LogSink {
    private let lines = Mutex<[String]>([])

    func write(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] { lines.withLock { $0 } }
    var text: String { all.joined() }
}
