import Foundation
import Synchronization

#if canImport(Glibc)
    public import Glibc
#elseif canImport(Musl)
    public import Musl
#else
    public import Darwin
#endif

/// A program that is started, signalled and reaped by its process id, and that never outlives this process.
///
/// A little shell waits at the end of a pipe that only this process holds open: should this process end in whatever
/// way, the shell reads the end of the pipe and kills the program.
public final class ChildProcess: Sendable {
    private struct State {
        var isReaped = false
        var guardian: pid_t
        var pipe: CInt
    }

    /// The program's process id.
    public let pid: pid_t
    private let state: Mutex<State>

    /// Spawning and opening pipes exclude each other: else a child could inherit the open end of another one's pipe.
    private static let spawning = Mutex(())

    /// Starts a program, with nothing to read, and with both outputs at the end of a file.
    ///
    /// - Parameters:
    ///   - executable: its path.
    ///   - arguments: what it is given, without its own name.
    ///   - log: the file that both outputs are appended to.
    ///   - directory: removed with the program if this process ends without having ended it.
    /// - Throws: `TestingError` if it cannot be started.
    public init(_ executable: String, arguments: [String], log: String, directory: String) throws {
        let (pid, guardian, pipe) = try Self.spawning.withLock { _ in
            var ends: [CInt] = [-1, -1]
            guard Self.openPipe(&ends) == 0 else { throw TestingError("no pipe: errno \(errno)") }
            defer { close(ends[0]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            do {
                let pid = try Self.spawn(executable, arguments, input: nil, output: log)
                let script = "read line; kill -9 \(pid); rm -rf '\(directory)'"
                do {
                    return (
                        pid, try Self.spawn("/bin/sh", ["-c", script], input: ends[0], output: "/dev/null"), ends[1]
                    )
                } catch {
                    _ = kill(pid, SIGKILL)
                    waitpid(pid, nil, 0)
                    throw error
                }
            } catch {
                close(ends[1])
                throw error
            }
        }
        self.pid = pid
        state = Mutex(State(guardian: guardian, pipe: pipe))
    }

    deinit { end() }

    private static func openPipe(_ ends: inout [CInt]) -> CInt {
        ends.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return pipe(base)
        }
    }

    private static func spawn(_ path: String, _ arguments: [String], input: CInt?, output: String) throws -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A server that inherits the pipes and sockets of others in this process would keep them open.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for descriptor in open.compactMap({ CInt($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, path, &actions, nil, words, environ)
        guard result == 0 else { throw TestingError("cannot start \(path): error number \(result)") }
        return pid
    }

    /// Runs a program to its end, with its output in a file, and returns its status as `waitpid` gives it.
    static func run(_ executable: String, arguments: [String], log: String) throws -> CInt {
        let pid = try spawning.withLock { _ in try spawn(executable, arguments, input: nil, output: log) }
        var status: CInt = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        return status
    }

    /// False once the program has ended; it is reaped then.
    public var isRunning: Bool {
        state.withLock { state in
            if state.isReaped { return false }
            var status: CInt = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return true }
            state.isReaped = true
            return false
        }
    }

    /// Sends a signal, unless the program has ended.
    public func signal(_ number: CInt) {
        state.withLock { state in
            // Never to a reaped process: its number may be another's by now.
            if !state.isReaped { _ = kill(pid, number) }
        }
    }

    /// Kills and reaps the program and its guardian. Harmless when called again.
    public func end() {
        state.withLock { state in
            var status: CInt = 0
            if !state.isReaped {
                _ = kill(pid, SIGKILL)
                while waitpid(pid, &status, 0) == -1, errno == EINTR {}
                state.isReaped = true
            }
            guard state.guardian != 0 else { return }
            _ = kill(state.guardian, SIGKILL)
            while waitpid(state.guardian, &status, 0) == -1, errno == EINTR {}
            close(state.pipe)
            state.guardian = 0
        }
    }
}
