import NIOCore

extension RedisCommand {
    /// The arguments without the name, as views of the command's own memory; nil if the bytes are not a command.
    var encodedArguments: [ByteBuffer]? {
        guard fault == nil else { return nil }
        var rest = encoded
        guard let count = rest.readRESPLength(after: UInt8(ascii: "*")), count >= 1 else { return nil }
        var arguments: [ByteBuffer] = []
        for _ in 0..<count {
            guard let length = rest.readRESPLength(after: UInt8(ascii: "$")),
                let argument = rest.readSlice(length: length),
                rest.readInteger(as: UInt16.self) == 0x0D0A
            else { return nil }
            arguments.append(argument)
        }
        arguments.removeFirst()
        return arguments
    }
}

extension ByteBuffer {
    /// Reads `mark`, digits and a line end.
    fileprivate mutating func readRESPLength(after mark: UInt8) -> Int? {
        guard readInteger(as: UInt8.self) == mark else { return nil }
        var number = 0
        while let byte = readInteger(as: UInt8.self) {
            if byte == 0x0D { return readInteger(as: UInt8.self) == 0x0A ? number : nil }
            // Ten digits are more than any buffer holds.
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), number < 1_000_000_000 else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return nil
    }
}
