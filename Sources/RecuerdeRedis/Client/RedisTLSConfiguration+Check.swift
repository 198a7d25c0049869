extension RedisTLSConfiguration {
    /// Something in the settings that no connection could be made with.
    public struct Fault: Sendable, Hashable {
        /// Which of the settings is at fault.
        public enum Part: Sendable, Hashable {
            /// ``RedisTLSConfiguration/trustRoots``.
            case trustRoots
            /// ``RedisTLSConfiguration/certificateChain``.
            case certificateChain
            /// ``RedisTLSConfiguration/privateKey``; also where it does not belong to the certificate.
            case privateKey
        }

        /// Which of the settings is at fault.
        public var part: Part
        /// What is wrong, and with which file; never its content.
        public var reason: String
    }

    /// What would keep every connection from being made: files that cannot be read or hold something else, a key that does not
    /// belong to its certificate.
    ///
    /// Reads the files, and connects to nothing. A client finds the same out when it connects; whoever starts a service wants
    /// to know before.
    public func faults() -> [Fault] {
        var faults: [Fault] = []
        func check(_ part: Fault.Part, _ body: () throws -> Void) {
            do {
                try body()
            } catch {
                faults.append(Fault(part: part, reason: (error as? RedisError)?.message ?? "cannot be used"))
            }
        }
        check(.trustRoots) {
            var roots = self
            roots.certificateChain = nil
            roots.privateKey = nil
            _ = try TLSContext.make(roots)
        }
        if let certificateChain {
            check(.certificateChain) { _ = try TLSContext.certificates(certificateChain, what: "client certificate") }
        }
        if let privateKey {
            check(.privateKey) { _ = try TLSContext.privateKey(privateKey) }
        }
        // Each is readable by itself: do they go together?
        if faults.isEmpty { check(.privateKey) { _ = try TLSContext.make(self) } }
        return faults
    }
}
