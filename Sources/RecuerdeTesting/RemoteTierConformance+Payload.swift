import Recuerde

/// What a store may change of an entry that is compressed and encrypted: nothing that is authenticated.
extension RemoteTierConformance {
    func changesStampAndMarkAlone() async throws {
        // Version 2 with the flags 1 and 2, and a stale life; all else is any bytes.
        let bytes: [UInt8] =
            [0xCA, 0x52, 0x45, 2, 3, 1, 0, 68] + Array(repeating: UInt8(ascii: "0"), count: 20) + (28..<200).map { $0 }
        let outcome = try await write(
            "sealed",
            .store(bytes: bytes, timeToLive: .seconds(60)),
            .always(floor: .zero, validUntil: .far)
        )
        let stored = try await read("sealed")
        try expect(
            stored?.count == bytes.count && stored?.dropFirst(28) == bytes.dropFirst(28),
            "bytes come back as they are"
        )
        try expect(stored?.prefix(8) == bytes.prefix(8), "and flags do")
        try expect(stored.flatMap { stamp(of: $0) } == outcome.stamp, "beside the stamp")
        _ = try await write("sealed", .expire, .always(floor: .zero, validUntil: .far))
        let expired = try await read("sealed")
        try expect(expired?[4] == 131, "an expiry adds its flag to those that are there")
        try expect(expired?.dropFirst(5) == stored?.dropFirst(5), "and changes nothing else")
    }

    private func read(_ text: String) async throws -> [UInt8]? {
        let read = try await tier.read([name(text)], with: [], timeout: timeout)
        return read.entries.first ?? nil
    }
}
