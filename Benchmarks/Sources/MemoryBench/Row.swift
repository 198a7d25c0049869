#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One line of the report.
struct Row {
    var operation: String
    var threads: Int
    /// Millions of operations a second, of all threads together; nil where it is not what was measured.
    var mops: Double?
    var p999: Int?
    var longest: Int?
    var bytesPerEntry: Int?

    func print() {
        func text(_ number: Int?) -> String { number.map(String.init) ?? "null" }
        let speed = mops.map { String(($0 * 100).rounded() / 100) } ?? "null"
        Swift.print(
            #"{"cache":"recuerde","operation":"\#(operation)","threads":\#(threads),"mops":\#(speed),"#
                + #""p999_ns":\#(text(p999)),"longest_ns":\#(text(longest)),"bytes_per_entry":\#(text(bytesPerEntry))}"#
        )
        fflush(nil)
    }
}

func fatal(_ message: String) -> Never {
    let line = Array("MemoryBench: \(message)\n".utf8)
    _ = write(2, line, line.count)
    exit(2)
}
