import ArgumentParser
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif
import NIOCore
import RecuerdeAI

/// The exit codes of `recuerde` (sysexits.h) and the lines that go with them.
enum ExitStatus {
    /// Something that the service needs is taken or not to be had, such as its port.
    static let unavailable = ExitCode(69)
    /// A setting is wrong (EX_CONFIG).
    static let configuration = ExitCode(78)

    /// Runs a command's work; an error that the operator can mend becomes one line on standard error and an exit code.
    static func reporting(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as StartError {
            CommandIO.current.writeError("recuerde: \(error.message)\n")
            throw error.exitCode
        } catch let error as SettingsError {
            CommandIO.current.writeError("recuerde: \(error)\n")
            throw configuration
        } catch let error as AIServiceError where error.code == .configuration {
            CommandIO.current.writeError("recuerde: \(error.message)\n")
            throw configuration
        }
    }
}

/// Why the service did not start, in one line.
struct StartError: Error, Hashable {
    let message: String
    let exitCode: ExitCode

    init(_ message: String, exitCode: ExitCode = ExitStatus.unavailable) {
        self.message = message
        self.exitCode = exitCode
    }

    /// The error that listening failed with, as people understand it; `nil` for errors of another sort.
    init?(listeningOn host: String, port: Int, failedWith error: any Error) {
        if let error = error as? IOError {
            switch error.errnoCode {
            case EADDRINUSE:
                self.init(
                    "\(host):\(port) is in use: stop what listens there, or choose another port (RECUERDE_PORT, --port)"
                )
            case EACCES, EPERM:
                self.init("listening on \(host):\(port) is not permitted: choose a port above 1023 (RECUERDE_PORT)")
            case EADDRNOTAVAIL:
                self.init(
                    "RECUERDE_HOST names an address that this machine does not have",
                    exitCode: ExitStatus.configuration
                )
            default:
                self.init("cannot listen on \(host):\(port) (errno \(error.errnoCode))")
            }
        } else if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            self.init("RECUERDE_HOST names a host that cannot be resolved", exitCode: ExitStatus.configuration)
        } else {
            return nil
        }
    }
}
