import Logging
import Synchronization

/// Keeps everything that is logged.
final class LogText: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let word: String
        let metadata: String
    }

    private let storage = Mutex<[Line]>([])

    var lines: [Line] { storage.withLock { $0 } }

    /// All of it, a line for each event.
    var text: String { lines.map { "\($0.word) \($0.metadata)\n" }.joined() }

    /// The lines with a word.
    func lines(_ word: String) -> [Line] { lines.filter { $0.word == word } }

    /// The words that are said at a level and above.
    func words(from level: Logger.Level) -> [String] { lines.filter { $0.level >= level }.map(\.word) }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let log: LogText
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(level: event.level, word: "\(event.message)", metadata: "\(event.metadata ?? [:])")
            log.storage.withLock { $0.append(line) }
        }
    }
}
