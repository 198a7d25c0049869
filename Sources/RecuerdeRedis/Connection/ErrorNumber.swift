#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Names of the error numbers that connecting brings.
enum ErrorNumber {
    /// Nobody listens there; of a socket in the file system also that there is none.
    static func isClosedPort(_ number: CInt) -> Bool {
        number == ECONNREFUSED || number == ENOENT
    }

    static func name(_ number: CInt) -> String {
        switch number {
        case ECONNREFUSED: "connection refused (ECONNREFUSED)"
        case ECONNRESET: "connection reset by the server (ECONNRESET)"
        case EPIPE: "the server closed it (EPIPE)"
        case ETIMEDOUT: "it timed out (ETIMEDOUT)"
        case EHOSTUNREACH: "no route to the host (EHOSTUNREACH)"
        case ENETUNREACH: "no route to the network (ENETUNREACH)"
        case ENOENT: "there is no such socket (ENOENT)"
        case EACCES: "no permission to use the socket (EACCES)"
        case EMFILE: "this process has too many open files (EMFILE)"
        case EADDRNOTAVAIL: "no local port is left (EADDRNOTAVAIL)"
        default: "error number \(number)"
        }
    }
}
