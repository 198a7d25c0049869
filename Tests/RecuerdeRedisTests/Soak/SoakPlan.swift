/// What a soak runs with.
enum SoakMode: String, CaseIterable, Sendable {
    /// Small commands over the usual connections, through a fault proxy for some tasks.
    case plain
    /// And large and blocking ones over lanes of their own.
    case lanes
    /// The server tells what changes.
    case tracking
    /// Connections are replaced when they are a tenth of a second old.
    case renewal
    /// Six nodes, with failovers and slots that move.
    case cluster
}

/// How long a soak goes on, and how rough it gets.
struct SoakPlan: Sendable {
    var mode: SoakMode
    /// Ends when so many commands have been answered or have failed.
    var commands = Int.max
    /// Ends when so much time has passed.
    var time: Duration
    var tasks = 32
    /// Of so many tasks, one speaks through a fault proxy.
    var tasksPerProxied = 8
    /// How often something is broken.
    var faultEvery: Duration
    var seed: UInt64 = 1
}

/// What a soak has seen.
struct SoakTally: Sendable {
    var commands = 0
    var answered = 0
    var cancelled = 0
    var deadlines = 0
    var lost = 0
    var refused = 0
    var otherErrors = 0
    var firstError: String?
    /// Replies that were not those of their commands. Zero, or the client is broken.
    var mismatches = 0
    var firstMismatch: String?
    var kills = 0
    var slowCommands = 0
    var proxyFaults = 0
    var failovers = 0
    var moves = 0

    static func + (left: SoakTally, right: SoakTally) -> SoakTally {
        SoakTally(
            commands: left.commands + right.commands,
            answered: left.answered + right.answered,
            cancelled: left.cancelled + right.cancelled,
            deadlines: left.deadlines + right.deadlines,
            lost: left.lost + right.lost,
            refused: left.refused + right.refused,
            otherErrors: left.otherErrors + right.otherErrors,
            firstError: left.firstError ?? right.firstError,
            mismatches: left.mismatches + right.mismatches,
            firstMismatch: left.firstMismatch ?? right.firstMismatch,
            kills: left.kills + right.kills,
            slowCommands: left.slowCommands + right.slowCommands,
            proxyFaults: left.proxyFaults + right.proxyFaults,
            failovers: left.failovers + right.failovers,
            moves: left.moves + right.moves
        )
    }

    /// One figure a line.
    func table(mode: SoakMode, seconds: Double, descriptors: (Int, Int), residentBytes: (Int, Int)) -> String {
        let rows: [(String, String)] = [
            ("soak", mode.rawValue), ("commands", "\(commands)"), ("seconds", "\(Int(seconds))"),
            ("commands a second", "\(Int(Double(commands) / max(seconds, 0.001)))"), ("answered", "\(answered)"),
            ("cancelled", "\(cancelled)"), ("past their deadline", "\(deadlines)"),
            ("lost with the connection", "\(lost)"), ("all blocking connections in use", "\(refused)"),
            ("other errors", "\(otherErrors)"),
            ("faults: CLIENT KILL", "\(kills)"), ("faults: DEBUG SLEEP", "\(slowCommands)"),
            ("faults: proxy", "\(proxyFaults)"),
            ("faults: failovers", "\(failovers)"), ("faults: slots moved", "\(moves)"), ("mismatches", "\(mismatches)"),
            ("descriptors, start and end", "\(descriptors.0), \(descriptors.1)"),
            ("resident MiB, start and end", "\(residentBytes.0 >> 20), \(residentBytes.1 >> 20)"),
        ]
        return rows.map { "| \($0.0) | \($0.1) |" }.joined(separator: "\n")
    }
}
