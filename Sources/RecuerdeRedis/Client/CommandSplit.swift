import NIOCore

/// A command with keys of several places, divided into one command for each place: a slot of a cluster, or a connection.
struct CommandSplit: Sendable {
    struct Part: Sendable {
        let command: RedisCommand
        /// Which of the keys it holds, counted from zero.
        let positions: [Int]
    }

    let parts: [Part]
    private let name: String
    private let split: ClusterCommandTraits.Split
    private let keyCount: Int

    /// Nil if the command must not or need not be divided.
    ///
    /// - Parameter connections: among how many connections to one server the keys are shared out; nil: by slots. One server
    ///   takes MSET as a whole, so that it is divided by slots only.
    init?(_ command: RedisCommand, connections: Int? = nil) {
        guard !command.hasOneArgument, let split = ClusterCommandTraits.split(command.name) else { return nil }
        let isPairs = if case .pairs = split { true } else { false }
        guard !isPairs || connections == nil, let arguments = command.encodedArguments else { return nil }
        let width = isPairs ? 2 : 1
        guard arguments.count > width, arguments.count.isMultiple(of: width) else { return nil }
        var order: [Int] = []
        var positions: [Int: [Int]] = [:]
        for (position, start) in stride(from: 0, to: arguments.count, by: width).enumerated() {
            let slot = Int(arguments[start].withUnsafeReadableBytes { RedisKeySlot.slot(of: $0) })
            let place = connections.map { slot % max(1, $0) } ?? slot
            if positions[place] == nil { order.append(place) }
            positions[place, default: []].append(position)
        }
        guard order.count > 1 else { return nil }
        parts = order.map { place in
            let positions = positions[place] ?? []
            let own = positions.flatMap { arguments[($0 * width)..<($0 * width + width)] }
            let part = RedisCommand(command.name, arguments: own)
            return Part(command: command.isDeclaredIdempotent ? part.idempotent() : part, positions: positions)
        }
        name = command.name
        keyCount = arguments.count / width
        self.split = split
    }

    /// Puts the replies of the parts together; the first failure stands for the whole.
    func assemble(_ replies: [Result<RESPValue, RedisError>]) -> Result<RESPValue, RedisError> {
        guard replies.count == parts.count else { return .failure(unexpected()) }
        var values = [RESPValue](repeating: .null, count: keyCount)
        var sum = 0
        var failure: RedisError?
        var hasSucceeded = false
        for (part, reply) in zip(parts, replies) {
            switch reply {
            case .failure(let error):
                failure = failure ?? error
            case .success(let value):
                hasSucceeded = true
                switch split {
                case .values:
                    guard let elements = value.elements, elements.count == part.positions.count else {
                        failure = failure ?? unexpected()
                        continue
                    }
                    for (position, element) in zip(part.positions, elements) { values[position] = element }
                case .pairs:
                    continue
                case .count:
                    guard let count = value.int else {
                        failure = failure ?? unexpected()
                        continue
                    }
                    sum &+= count
                }
            }
        }
        if let failure {
            // Some of the keys have been written although the whole has failed.
            return .failure(writes && hasSucceeded ? failure.with(mayHaveExecuted: true) : failure)
        }
        switch split {
        case .values: return .success(.array(values))
        case .pairs: return .success(.simple("OK"))
        case .count: return .success(.integer(sum))
        }
    }

    private var writes: Bool {
        switch split {
        case .values: false
        case .pairs: true
        case .count(let writes): writes
        }
    }

    private func unexpected() -> RedisError {
        RedisError(.protocolViolation, phase: .reply, message: "\(name) was answered by an unexpected type")
    }
}

extension RedisCommand {
    /// True for a name and one argument: there is nothing to divide, and no need to read the rest.
    fileprivate var hasOneArgument: Bool {
        encoded.withUnsafeReadableBytes { $0.starts(with: "*2\r".utf8) }
    }
}
