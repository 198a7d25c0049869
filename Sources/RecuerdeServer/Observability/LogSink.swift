#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Takes finished log lines.
public protocol LogSink: Sendable {
    /// Takes one line, its line feed included; must not block for long and must not log.
    func write(_ line: String)
}

/// Writes lines to standard error.
///
/// One `write` call a line: lines of up to `PIPE_BUF` bytes are never mixed with another process's. A line that cannot
/// be written is lost, since there is nowhere left to say so.
public struct StandardErrorSink: LogSink {
    /// Makes a sink.
    public init() {}

    /// Writes one line.
    public func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                #if canImport(Darwin)
                    let written = Darwin.write(STDERR_FILENO, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    let written = Musl.write(STDERR_FILENO, rest.baseAddress, rest.count)
                #else
                    let written = Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count)
                #endif
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            }
        }
    }
}
