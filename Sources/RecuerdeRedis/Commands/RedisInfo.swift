/// What INFO answers: facts in sections, as the server names them.
public struct RedisInfo: Sendable, Hashable {
    /// The facts of each section, such as `["Memory": ["used_memory": "1048576"]]`.
    public let sections: [String: [String: String]]

    /// Reads the text of INFO: `# Section` and `name:value`. Lines of any other form are passed over.
    public init(_ text: String) {
        var sections: [String: [String: String]] = [:]
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") {
                section = String(line.drop { $0 == "#" || $0 == " " })
                sections[section] = sections[section] ?? [:]
            } else if let colon = line.firstIndex(of: ":") {
                // Behind the first colon there may be others: addresses, paths.
                sections[section, default: [:]][String(line[..<colon])] = String(line[line.index(after: colon)...])
            }
        }
        self.sections = sections
    }

    /// The fact of this name in whichever section has it. Costs a walk over the sections.
    public subscript(_ name: String) -> String? {
        sections.values.lazy.compactMap { $0[name] }.first
    }

    /// The fact of this name as a whole number; nil if there is none, or it is none.
    public func int(_ name: String) -> Int? {
        self[name].flatMap { Int($0) }
    }
}

/// One connection as CLIENT LIST shows it.
public struct RedisClientEntry: Sendable, Hashable {
    /// All that the server says, by its own names, such as `age` and `cmd`.
    public let fields: [String: String]

    /// Reads one line of CLIENT LIST: `name=value` with spaces between. Words of any other form are passed over.
    public init(_ line: some StringProtocol) {
        var fields: [String: String] = [:]
        for word in line.split(separator: " ") {
            guard let sign = word.firstIndex(of: "=") else { continue }
            fields[String(word[..<sign])] = String(word[word.index(after: sign)...])
        }
        self.fields = fields
    }

    /// The number of the connection, never used twice.
    public var id: Int? { fields["id"].flatMap { Int($0) } }
    /// The address of the peer.
    public var address: String? { fields["addr"] }
    /// The name that the peer has given itself; empty if none.
    public var name: String? { fields["name"] }
    /// How long the connection has lived.
    public var age: Duration? { fields["age"].flatMap { Int($0) }.map { .seconds($0) } }
    /// How long it has been without a command.
    public var idle: Duration? { fields["idle"].flatMap { Int($0) }.map { .seconds($0) } }
    /// The command that came last.
    public var lastCommand: String? { fields["cmd"] }
}
