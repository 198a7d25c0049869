import Recuerde
import RecuerdeRedis
import RecuerdeTesting
import Testing

/// Compressed and encrypted entries under hidden names, on a real server.
@Suite(.serialized) struct PayloadServerTests {
    /// How many names and values of the server hold a text.
    private func found(_ text: String, on server: RedisServerProcess) throws -> Int? {
        let script = """
            local found = 0
            for _, name in ipairs(redis.call('KEYS', '*')) do
              local value = redis.pcall('GET', name)
              if string.find(name, ARGV[1], 1, true) then found = found + 1 end
              if type(value) == 'string' and string.find(value, ARGV[1], 1, true) then found = found + 1 end
            end
            return found
            """
        return Int(try server.command("EVAL", script, "0", text))
    }

    private func payload() throws -> PayloadConfiguration {
        var payload = PayloadConfiguration()
        payload.compression = .from(64)
        let key = try EncryptionKey(id: "a", secret: Array(repeating: UInt8(7), count: 32))
        payload.encryption = try PayloadEncryption(.required, keys: [key])
        payload.keyHashing = try KeyHashing(secret: Array(repeating: UInt8(8), count: 32))
        return payload
    }

    @Test func nothingCanBeReadOnTheServerAndAllOfItByTheOtherNode() async throws {
        let payload = try payload()
        let long = String(repeating: "Espero que hayas hablado con ella. ", count: 40)
        var options = EntryOptions()
        options.tags = ["learner:maria"]
        options.maximumStaleness = .seconds(60)
        let tagged = options
        try await withRedisServer { server in
            try await withNode(server, tracks: true, { $0.payload = payload }) { (one: Node) async throws -> Void in
                try await withNode(server, tracks: true, { $0.payload = payload }) { (two: Node) async throws -> Void in
                    try await one.cache.set("maria:hint", to: long, options: tagged)
                    try await one.cache.set(["maria:a": "contraseña", "maria:b": "secreto"], options: tagged)
                    #expect(try await two.cache.value(for: "maria:load", options: tagged) { "cargado" } == "cargado")
                    #expect(try await two.cache.get("maria:hint") == long)
                    #expect(try await two.cache.get(["maria:a"], as: String.self) == ["maria:a": "contraseña"])
                    // Expired and stamped in place, touched, and told of.
                    #expect(try await one.cache.touch("maria:a", timeToLive: .seconds(500)))
                    #expect(try await two.cache.get("maria:a") == "contraseña")
                    try await one.cache.expire("maria:hint")
                    let gone = try await eventually {
                        try await two.cache.get("maria:hint", as: String.self) == nil
                    }
                    #expect(gone)
                    #expect(try await two.cache.lastKnown("maria:hint", as: String.self)?.value == long)
                    for text in ["maria", "hayas", "contrase", "secreto", "cargado", "learner"] {
                        #expect(try found(text, on: server) == 0, "\(text)")
                    }
                    try await one.cache.invalidate(tags: ["learner:maria"], by: .remove)
                    let void = try await eventually { try await two.cache.get("maria:a", as: String.self) == nil }
                    #expect(void)
                }
            }
            // The search finds what can be read.
            try await withNode(server) { (node: Node) async throws -> Void in
                try await node.cache.set("maria", to: "secreto")
                #expect(try found("maria", on: server) == 1 && found("secreto", on: server) == 1)
            }
        }
    }
}
