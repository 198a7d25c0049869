import RecuerdeServer
import Synchronization

/// A log sink that keeps its lines.
final class RecordedLines: LogSink {
    private struct State {
        var lines: [String] = []
        var watchers: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func write(_ line: String) {
        let ready = state.withLock { state in
            state.lines.append(line)
            let ready = state.watchers.filter { line.contains($0.text) }.map(\.continuation)
            state.watchers.removeAll { line.contains($0.text) }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }

    var all: [String] { state.withLock { $0.lines } }
    var text: String { all.joined() }

    /// Returns when there is a line with `text`; give the test a time limit.
    func waitForLine(with text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.lines.contains(where: { $0.contains(text) }) { return true }
                state.watchers.append((text, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
