import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A real `redis-sentinel` for tests, on a free port of the loopback interface: `redis-server --sentinel` with a directory of
/// its own. It is killed when it is stopped, when the last reference goes, and when the test process ends in whatever way.
public final class RedisSentinelProcess: Sendable {
    /// How a sentinel, and the way to it, is secured.
    public struct Security: Sendable {
        /// The password of the user `default`, which the sentinels show each other too.
        public var password: String?
        /// Lines for ACL users, without the word `user`.
        public var users: [String] = []
        /// Makes the sentinel listen with TLS too, on a port of its own, and speak TLS with servers and other sentinels.
        public var tls: RedisServerOptions.TLSFiles?
        /// The password of the servers.
        public var serverPassword: String?
        /// More lines of sentinel.conf, such as `rename-command HELLO ""`, after which only the old protocol is spoken.
        public var extraLines: [String] = []

        /// Not at all.
        public init() {}

        func lines(masterName: String, tlsPort: Int?) -> [String] {
            var lines = users.map { "user \($0)" } + extraLines
            if let password {
                let quoted = RedisServerOptions.quoted(password)
                lines += ["requirepass \(quoted)", "sentinel sentinel-pass \(quoted)"]
            }
            if let tls, let tlsPort { lines += tls.lines(port: tlsPort) + ["tls-replication yes"] }
            if let serverPassword {
                lines.append("sentinel auth-pass \(masterName) \(RedisServerOptions.quoted(serverPassword))")
            }
            return lines
        }
    }

    /// The plain port; stays the same over restarts.
    public let port: Int
    /// The TLS port, if there is one.
    public let tlsPort: Int?

    private let password: String?
    private let executable: String
    private let directory: String
    private let child: Mutex<ChildProcess?>

    /// Starts a sentinel that watches a master on this machine, and waits until it answers.
    ///
    /// - Throws: `TestingError` if there is no `redis-server`, or it does not come up.
    public init(masterName: String, masterPort: Int, quorum: Int, security: Security = Security()) throws {
        password = security.password
        executable = try RedisServerProcess.find(nil)
        directory = try TemporaryDirectory.make("sentinel")
        port = try LoopbackSocket.freePort()
        tlsPort = security.tls == nil ? nil : try LoopbackSocket.freePort()
        let lines = [
            "port \(port)", "bind 127.0.0.1", "dir \"\(directory)\"", "daemonize no",
            "logfile \"\(directory)/sentinel.log\"",
            "sentinel monitor \(masterName) 127.0.0.1 \(masterPort) \(quorum)",
            // With less than the second after which a sentinel connects again, those whose connections a promotion has closed
            // (`CLIENT KILL TYPE normal`) take the new master for dead and promote another one.
            "sentinel down-after-milliseconds \(masterName) 1500",
            "sentinel failover-timeout \(masterName) 3000",
            "sentinel parallel-syncs \(masterName) 2",
        ]
        let securing = security.lines(masterName: masterName, tlsPort: tlsPort)
        child = Mutex(nil)
        do {
            // Written once: the sentinel keeps what it learns in this file.
            try ((lines + securing).joined(separator: "\n") + "\n")
                .write(toFile: directory + "/sentinel.conf", atomically: true, encoding: .utf8)
            try restart()
        } catch {
            TemporaryDirectory.remove(directory)
            throw error
        }
    }

    deinit { stop() }

    /// The process id, or nil while the sentinel is down.
    public var pid: Int32? { child.withLock { $0?.pid } }

    /// Ends the sentinel at once (SIGKILL).
    public func kill() {
        child.withLock { child in
            child?.end()
            child = nil
        }
    }

    /// Starts the sentinel again with what it had learned; kills it first if it runs.
    public func restart() throws {
        kill()
        let next = try ChildProcess(
            executable,
            arguments: [directory + "/sentinel.conf", "--sentinel"],
            log: directory + "/sentinel.log",
            directory: directory
        )
        for _ in 0..<2000 {
            if let answer = try? HandClient(port: port, password: password).command(["PING"]), answer == "PONG" {
                child.withLock { $0 = next }
                // Only makes it quicker to find the others; a sentinel that does not know the command is as good.
                _ = try? command("SENTINEL", "DEBUG", "publish-period", "200", "info-period", "500")
                return
            }
            guard next.isRunning else { break }
            usleep(5000)
        }
        next.end()
        throw TestingError("redis-sentinel did not come up on port \(port)")
    }

    /// Ends the sentinel and removes its directory.
    public func stop() {
        kill()
        TemporaryDirectory.remove(directory)
    }

    /// Runs one command over a connection of its own and returns the reply as text, lists with an element a line.
    ///
    /// - Throws: `TestingError` if the sentinel is away or answers an error.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        try command(words)
    }

    /// Runs one command, as above.
    @discardableResult
    public func command(_ words: [String]) throws -> String {
        try HandClient(port: port, password: password).command(words)
    }
}
