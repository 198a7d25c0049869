import Foundation

/// How much a test of chance does: little in the ordinary run, and what an environment variable says in a long one.
enum TestAmount {
    /// A number from the environment, or the given one.
    static func number(_ name: String, otherwise: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }.map { max(0, $0) } ?? otherwise
    }
}
