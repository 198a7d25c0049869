/// A Redis client of a few lines, which shares nothing with the one under test.
struct HandClient {
    private let socket: LoopbackSocket

    init(port: Int, password: String?) throws {
        socket = try LoopbackSocket(port: port)
        if let password { _ = try command(["AUTH", password]) }
    }

    func command(_ words: [String]) throws -> String {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words {
            bytes += Array("$\(word.utf8.count)\r\n".utf8) + Array(word.utf8) + [0x0D, 0x0A]
        }
        try socket.write(bytes)
        return try reply()
    }

    private func reply() throws -> String {
        let line = try readLine()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+", ":": return rest
        case "$":
            guard let length = Int(rest), length >= 0 else { return "(nil)" }
            let bytes = try readBytes(length + 2)
            return String(decoding: bytes.dropLast(2), as: UTF8.self)
        case "*":
            guard let count = Int(rest), count >= 0 else { return "(nil)" }
            return try (0..<count).map { _ in try reply() }.joined(separator: "\n")
        default:
            throw TestingError("the server answered: \(line)")
        }
    }

    private func readLine() throws -> String {
        var line: [UInt8] = []
        while line.suffix(2) != [0x0D, 0x0A] { line += try readBytes(1) }
        return String(decoding: line.dropLast(2), as: UTF8.self)
    }

    private func readBytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try socket.read(count - bytes.count)
            guard !more.isEmpty else { throw TestingError("the server closed the connection") }
            bytes += more
        }
        return bytes
    }
}
