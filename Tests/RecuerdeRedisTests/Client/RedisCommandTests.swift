import NIOCore
import Testing

@testable import RecuerdeRedis

@Suite struct RedisCommands {
    @Test func areEncodedAsListsOfStrings() {
        let command = RedisCommand(
            "SET",
            "k",
            [0x00, 0x0D, 0x0A] as [UInt8],
            "PX" as Substring,
            -15,
            ByteBuffer(string: "é")
        )
        let expected = "*6\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\0\r\n\r\n$2\r\nPX\r\n$3\r\n-15\r\n$2\r\né\r\n"
        #expect(String(buffer: command.encoded) == expected)
        #expect(command.fault == nil)
        let same = RedisCommand(
            "SET",
            arguments: ["k", [0x00, 0x0D, 0x0A] as [UInt8], "PX", -15, ByteBuffer(string: "é")]
        )
        #expect(same.encoded == command.encoded)
        #expect(same.slot == command.slot)
        #expect(String(buffer: RedisCommand("PING").encoded) == "*1\r\n$4\r\nPING\r\n")
    }

    @Test(arguments: [Int.min, -1, 0, 9, 10, 99, 100, Int.max]) func numbersAreDecimalDigits(number: Int) {
        let digits = "\(number)"
        let expected = "*2\r\n$4\r\nECHO\r\n$\(digits.utf8.count)\r\n\(digits)\r\n"
        #expect(String(buffer: RedisCommand("ECHO", number).encoded) == expected)
    }

    /// Figures of the cluster specification and of CLUSTER KEYSLOT.
    @Test(arguments: [
        ("123456789", 0x31C3), ("foo", 12182), ("bar", 5061), ("", 0), ("{user1000}.following", 3443),
        ("{user1000}.followers", 3443), ("foo{}{bar}", 8363), ("foo{bar}{zap}", 5061),
    ]) func haveTheSlotOfTheirKey(key: String, slot: Int) {
        #expect(RedisCommand("GET", key).slot == UInt16(slot & 0x3FFF))
        #expect(RedisCommand("EVAL", "return 1", 1, key, key: 2).slot == UInt16(slot & 0x3FFF))
    }

    @Test func withoutAKeyHaveNoSlot() {
        #expect(RedisCommand("PING").slot == nil)
        #expect(RedisCommand("ECHO", "foo", key: nil).slot == nil)
        #expect(RedisCommand("ECHO", "foo", key: 5).slot == nil)
    }

    @Test func doNotShowTheirArguments() {
        let command = RedisCommand("SET", "learner", "answer")
        var dumped = "\(command) \(String(reflecting: command))"
        dump(command, to: &dumped)
        #expect(dumped.contains("SET"))
        #expect(!dumped.contains("learner") && !dumped.contains("answer"))
    }

    @Test func scriptsAreNamedByTheirDigest() {
        #expect(RedisScript("return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }
}
