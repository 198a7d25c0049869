import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A real `redis-server` for tests, on a free port of the loopback interface, with a directory of its own.
///
/// It is killed when it is stopped, when the last reference goes, and when the test process ends in whatever way.
/// Starting blocks the calling thread for some hundredths of a second.
public final class RedisServerProcess: Sendable {
    /// The options that it was started with.
    public let options: RedisServerOptions
    /// Data, log and socket; removed at the end.
    public let directory: String
    /// The plain port; stays the same over restarts.
    public let port: Int
    /// The TLS port, if the options ask for TLS.
    public let tlsPort: Int?

    private let executable: String
    private let child: Mutex<ChildProcess?>

    /// Starts a server and waits until it answers.
    ///
    /// - Throws: `TestingError` if there is no `redis-server`, or it does not come up.
    public init(_ options: RedisServerOptions = RedisServerOptions()) throws {
        let executable = try Self.find(options.executable)
        var options = options
        if options.allowsDebug, try RedisServerVersion.of(executable: executable).isSevenOrLater {
            options.extraLines.append("enable-debug-command local")
        }
        let directory = try TemporaryDirectory.make("redis")
        var started: (ChildProcess, Int, Int?)?
        var failure: any Error = TestingError("not tried")
        // Between finding a free port and the server's use of it, somebody else may take it.
        for _ in 0..<5 where started == nil {
            do {
                let port = try LoopbackSocket.freePort()
                let tlsPort = options.tls == nil ? nil : try LoopbackSocket.freePort()
                let child = try Self.start(executable, options, directory, port, tlsPort)
                started = (child, port, tlsPort)
            } catch {
                failure = error
            }
        }
        guard let (child, port, tlsPort) = started else {
            TemporaryDirectory.remove(directory)
            throw failure
        }
        self.options = options
        self.executable = executable
        self.directory = directory
        self.port = port
        self.tlsPort = tlsPort
        self.child = Mutex(child)
    }

    deinit { stop() }

    /// `redis://` with the password, if there is one.
    public var url: String {
        "redis://\(options.password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)/0"
    }

    /// The port with TLS if there is one, else the plain port: where a client of a cluster or behind sentinels is sent.
    public var clientPort: Int { tlsPort ?? port }

    /// The path of the unix socket; exists if the options ask for one.
    public var socketPath: String { directory + "/redis.sock" }

    /// The process id, or nil while the server is down.
    public var pid: Int32? { child.withLock { $0?.pid } }

    /// Ends the server at once, as a power failure would (SIGKILL).
    public func kill() {
        child.withLock { child in
            child?.end()
            child = nil
        }
    }

    /// Starts the server again on its port and its directory; kills it first if it runs.
    public func restart() throws {
        kill()
        let next = try Self.start(executable, options, directory, port, tlsPort)
        child.withLock { $0 = next }
    }

    /// Freezes the server: the kernel goes on accepting connections and bytes for it (SIGSTOP).
    public func pause() {
        child.withLock { $0?.signal(SIGSTOP) }
    }

    /// Lets a frozen server go on (SIGCONT).
    public func resume() {
        child.withLock { $0?.signal(SIGCONT) }
    }

    /// Ends the server and removes its directory.
    public func stop() {
        kill()
        TemporaryDirectory.remove(directory)
    }

    /// Runs one command over a connection of its own and returns the reply as text; a null is `(nil)`, the elements of
    /// a list stand on lines of their own.
    ///
    /// - Throws: `TestingError` if the server is away, frozen for ten seconds, or answers an error.
    @discardableResult
    public func command(_ words: String...) throws -> String {
        try command(words)
    }

    /// Runs one command, as above; with another password than that of the options if one is given.
    @discardableResult
    public func command(_ words: [String], password: String? = nil) throws -> String {
        try HandClient(port: port, password: password ?? options.password).command(words)
    }

    /// Waits until so many replicas have everything that has been written here so far.
    ///
    /// WAIT speaks of what its own connection has seen, which for a fresh one is nothing; so that one says something first.
    ///
    /// - Throws: `TestingError` if they do not have it within five seconds: a replica that has just come up is sent nothing new
    ///   for about one.
    public func waitForReplicas(_ count: Int) throws {
        let client = try HandClient(port: port, password: options.password)
        _ = try client.command(["PING"])
        let found = try client.command(["WAIT", "\(count)", "5000"])
        guard Int(found) ?? 0 >= count else { throw TestingError("\(found) of \(count) replicas have everything") }
    }

    static func find(_ given: String?) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let path = given ?? environment["RECUERDE_REDIS_SERVER"] {
            if access(path, X_OK) == 0 { return path }
            throw TestingError("there is no program at \(path); tests need a redis-server")
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        for folder in folders + usual where access(folder + "/redis-server", X_OK) == 0 {
            return folder + "/redis-server"
        }
        throw TestingError(
            "redis-server is not installed; tests need it: apt-get install redis-server (brew install redis)"
        )
    }

    private static func start(
        _ executable: String,
        _ options: RedisServerOptions,
        _ directory: String,
        _ port: Int,
        _ tlsPort: Int?
    ) throws -> ChildProcess {
        let file = directory + "/redis.conf"
        let text = options.configuration(port: port, tlsPort: tlsPort, directory: directory)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let log = directory + "/redis.log"
        let child = try ChildProcess(executable, arguments: [file], log: log, directory: directory)
        for _ in 0..<2000 {
            if let answer = try? HandClient(port: port, password: options.password).command(["PING"]), answer == "PONG"
            {
                // Somebody else's server may have answered on this port.
                if child.isRunning { return child }
            }
            guard child.isRunning else { break }
            usleep(5000)
        }
        child.end()
        let lines = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").suffix(5)
        throw TestingError("redis-server did not come up on port \(port): \(lines.joined(separator: " | "))")
    }
}

/// Runs a body with a fresh server and ends the server afterwards, also when the body throws.
///
/// - Throws: what the body throws, or `TestingError` if the server does not come up.
public func withRedisServer<Result>(
    _ options: RedisServerOptions = RedisServerOptions(),
    _ body: (RedisServerProcess) async throws -> Result
) async throws -> Result {
    let server = try RedisServerProcess(options)
    defer { server.stop() }
    return try await body(server)
}
