#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
public import Logging

/// A log handler that writes one line per event to standard error: a JSON object, or text for people.
///
/// The message is the event's fixed word and becomes `event`; metadata is flattened beside it. Names that the line uses
/// itself (`timestamp`, `level`, `event`) keep their meaning: metadata of such a name gets an underscore in front.
/// Control characters, quotes and line breaks are escaped in both formats, so that no value can forge a second line.
/// Cost: one string and one write per event; nothing at all for a level that is switched off.
public struct ServiceLogHandler: LogHandler {
    /// The lowest level that is written.
    public var logLevel: Logger.Level

    /// What every line of this logger carries.
    public var metadata: Logger.Metadata = [:]

    /// Adds metadata from the task's context.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let sink: any LogSink
    private let now: @Sendable () -> Date

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: The logger's label, written as `logger`.
    ///   - level: The lowest level that is written.
    ///   - format: JSON or text.
    ///   - sink: Where lines go; standard error unless said otherwise.
    public init(
        label: String,
        level: Logger.Level = .info,
        format: LogFormat = .json,
        sink: any LogSink = StandardErrorSink()
    ) {
        self.init(label: label, level: level, format: format, sink: sink, now: { Date() })
    }

    init(
        label: String,
        level: Logger.Level,
        format: LogFormat,
        sink: any LogSink,
        now: @escaping @Sendable () -> Date
    ) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.sink = sink
        self.now = now
    }

    /// One metadata value of this logger.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event as one line.
    public func log(event: LogEvent) {
        var merged = metadataProvider?.get() ?? [:]
        merged.merge(metadata) { $1 }
        if let own = event.metadata { merged.merge(own) { $1 } }
        if let error = event.error { merged["error"] = "\(error)" }
        var line = LogLine(format: format)
        line.begin(timestamp: now(), level: event.level, event: event.message.description, logger: label)
        for (name, value) in merged.sorted(by: { $0.key < $1.key }) {
            line.append(name: name, value: value)
        }
        sink.write(line.finished())
    }
}
