import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system calls of a `FaultProxy`; all sockets are non-blocking and close themselves in child processes.
enum FaultProxySockets {
    /// A listener on a free port of the loopback interface.
    static func listen() throws -> (descriptor: CInt, port: Int) {
        let descriptor = LoopbackSocket.open()
        guard descriptor >= 0 else { throw TestingError("no socket: errno \(errno)") }
        var address = LoopbackSocket.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        #if canImport(Glibc)
            let listened = result == 0 ? Glibc.listen(descriptor, 256) : -1
        #elseif canImport(Musl)
            let listened = result == 0 ? Musl.listen(descriptor, 256) : -1
        #else
            let listened = result == 0 ? Darwin.listen(descriptor, 256) : -1
        #endif
        guard listened == 0 else {
            close(descriptor)
            throw TestingError("cannot listen on 127.0.0.1: errno \(errno)")
        }
        prepare(descriptor)
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A connection that may still be under way.
    static func connect(port: Int) -> CInt? {
        let descriptor = LoopbackSocket.open()
        guard descriptor >= 0 else { return nil }
        prepare(descriptor)
        sendAtOnce(descriptor)
        var address = LoopbackSocket.loopback(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> CInt in
                #if canImport(Glibc)
                    Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                #elseif canImport(Musl)
                    Musl.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                #else
                    Darwin.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                #endif
            }
        }
        guard result == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func accept(_ listener: CInt) -> CInt? {
        #if canImport(Glibc)
            let descriptor = Glibc.accept(listener, nil, nil)
        #elseif canImport(Musl)
            let descriptor = Musl.accept(listener, nil, nil)
        #else
            let descriptor = Darwin.accept(listener, nil, nil)
        #endif
        guard descriptor >= 0 else { return nil }
        prepare(descriptor)
        sendAtOnce(descriptor)
        return descriptor
    }

    /// Ends a connection: with unread bytes thrown away and the peer told so by RST, or by FIN.
    static func end(_ descriptor: CInt, reset: Bool) {
        if reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
    }

    /// Two ends of a channel inside this process. A socket rather than a pipe: a late poke must not raise SIGPIPE.
    static func channel() throws -> (reader: CInt, writer: CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let kind = CInt(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let result = ends.withUnsafeMutableBufferPointer { socketpair(AF_UNIX, kind, 0, $0.baseAddress) }
        guard result == 0 else { throw TestingError("no pair of sockets: errno \(errno)") }
        for end in ends { prepare(end) }
        return (ends[0], ends[1])
    }

    /// Wakes whoever polls the other end. A full channel wakes as well.
    static func poke(_ descriptor: CInt) {
        var byte: UInt8 = 1
        _ = send(descriptor, &byte, 1, LoopbackSocket.noSignal)
    }

    static func milliseconds(until moment: Int64, now: Int64) -> CInt {
        CInt(clamping: (max(0, moment - now) + 999_999) / 1_000_000)
    }

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func prepare(_ descriptor: CInt) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Bytes that are let through one by one must not be gathered again.
    private static func sendAtOnce(_ descriptor: CInt) {
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
    }
}
