#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The thread of a `FaultProxy`: polls all sockets and moves the bytes that may be moved.
final class FaultProxyLoop {
    private struct Pair {
        let client: CInt
        let server: CInt
        var toServer = FaultStream()
        var toClient = FaultStream()
        var hasEndedServer = false
        var hasEndedClient = false
        /// Set when the pair is to go.
        var end: FaultProxy.Acceptance?
    }

    private static let maximumConnections = 256

    private let listener: CInt
    private let wake: CInt
    private let target: Int
    private let shared: FaultProxyOrders
    private let endOfLife: Int64
    private var pairs: [Pair] = []
    private var scratch = [UInt8](repeating: 0, count: 64 * 1024)

    init(listener: CInt, wake: CInt, target: Int, orders: FaultProxyOrders, lifetimeSeconds: Int64) {
        self.listener = listener
        self.wake = wake
        self.target = target
        shared = orders
        endOfLife = FaultProxySockets.now() + lifetimeSeconds * 1_000_000_000
    }

    func run() {
        while true {
            let orders = shared.take()
            let now = FaultProxySockets.now()
            if orders.isClosed || now >= endOfLife { break }
            var wakeAt = endOfLife
            for index in pairs.indices {
                pairs[index].toServer.use(orders.toServer, generation: orders.serverGeneration, now: now)
                pairs[index].toClient.use(orders.toClients, generation: orders.clientGeneration, now: now)
                if let cut = orders.cut { pairs[index].end = cut }
                wakeAt = min(wakeAt, examine(&pairs[index], now: now))
            }
            removeEnded()
            poll(timeout: FaultProxySockets.milliseconds(until: wakeAt, now: now))
        }
        for pair in pairs {
            FaultProxySockets.end(pair.client, reset: true)
            FaultProxySockets.end(pair.server, reset: true)
        }
        close(listener)
        close(wake)
        shared.change { $0.open = 0 }
    }

    /// Carries out what needs no socket to be ready; returns when to look again.
    private func examine(_ pair: inout Pair, now: Int64) -> Int64 {
        var wakeAt = Int64.max
        for step in [pair.toServer.step(now: now), pair.toClient.step(now: now)] {
            switch step {
            case .cut(let reset): pair.end = reset ? .reset : .close
            case .wait(let until?): wakeAt = min(wakeAt, until)
            default: break
            }
        }
        if pair.toServer.step(now: now) == .end, !pair.hasEndedServer {
            pair.hasEndedServer = true
            shutdown(pair.server, Self.writing)
        }
        if pair.toClient.step(now: now) == .end, !pair.hasEndedClient {
            pair.hasEndedClient = true
            shutdown(pair.client, Self.writing)
        }
        if pair.hasEndedServer, pair.hasEndedClient { pair.end = pair.end ?? .close }
        return wakeAt
    }

    private func removeEnded() {
        var hasChanged = false
        pairs.removeAll { pair in
            guard let end = pair.end else { return false }
            hasChanged = true
            let reset = if case .reset = end { true } else { false }
            FaultProxySockets.end(pair.client, reset: reset)
            FaultProxySockets.end(pair.server, reset: reset)
            return true
        }
        let count = pairs.count
        if hasChanged { shared.change { $0.open = count } }
    }

    private func poll(timeout: CInt) {
        let now = FaultProxySockets.now()
        let accepts = pairs.count < Self.maximumConnections
        var polled = [
            pollfd(fd: wake, events: Self.readable, revents: 0),
            pollfd(fd: listener, events: accepts ? Self.readable : 0, revents: 0),
        ]
        for pair in pairs {
            polled.append(
                pollfd(fd: pair.client, events: events(from: pair.toServer, to: pair.toClient, now), revents: 0)
            )
            polled.append(
                pollfd(fd: pair.server, events: events(from: pair.toClient, to: pair.toServer, now), revents: 0)
            )
        }
        let count = nfds_t(polled.count)
        let ready = polled.withUnsafeMutableBufferPointer { buffer -> CInt in
            #if canImport(Glibc)
                Glibc.poll(buffer.baseAddress, count, timeout)
            #elseif canImport(Musl)
                Musl.poll(buffer.baseAddress, count, timeout)
            #else
                Darwin.poll(buffer.baseAddress, count, timeout)
            #endif
        }
        guard ready > 0 else { return }
        if polled[0].revents != 0 {
            let count = scratch.withUnsafeMutableBytes { read(wake, $0.baseAddress, $0.count) }
            // The end of the channel: nobody holds the proxy any more.
            if count == 0 { shared.change { $0.isClosed = true } }
        }
        for index in pairs.indices {
            serve(&pairs[index], client: polled[2 + 2 * index].revents, server: polled[3 + 2 * index].revents)
        }
        // Last, because it adds pairs that were not polled.
        if polled[1].revents & Self.readable != 0 { acceptAll() }
    }

    private func events(from source: FaultStream, to sink: FaultStream, _ now: Int64) -> Int16 {
        var events: Int16 = source.room > 0 ? Self.readable : 0
        if case .send = sink.step(now: now) { events |= Self.writable }
        return events
    }

    private func serve(_ pair: inout Pair, client: Int16, server: Int16) {
        if client & Self.readable != 0 { receive(pair.client, &pair.toServer, &pair.end) }
        if server & Self.readable != 0 { receive(pair.server, &pair.toClient, &pair.end) }
        if client & Self.writable != 0 { send(pair.client, &pair.toClient, &pair.end) }
        if server & Self.writable != 0 { send(pair.server, &pair.toServer, &pair.end) }
        // A peer that has reset, or closed both ways, and of which nothing more is to be read.
        for events in [client, server] where events & Self.broken != 0 && events & Self.readable == 0 {
            pair.end = pair.end ?? .reset
        }
    }

    private func receive(_ descriptor: CInt, _ stream: inout FaultStream, _ end: inout FaultProxy.Acceptance?) {
        let wanted = min(stream.room, scratch.count)
        guard wanted > 0 else { return }
        let count = scratch.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, wanted, 0) }
        if count > 0 {
            stream.receive(scratch[..<count], now: FaultProxySockets.now())
        } else if count == 0 {
            stream.hasEnded = true
        } else if errno != EAGAIN, errno != EINTR {
            end = .reset
        }
    }

    private func send(_ descriptor: CInt, _ stream: inout FaultStream, _ end: inout FaultProxy.Acceptance?) {
        let now = FaultProxySockets.now()
        guard case .send(let wanted) = stream.step(now: now) else { return }
        let count = stream.waiting.withUnsafeBytes { bytes in
            #if canImport(Glibc)
                Glibc.send(descriptor, bytes.baseAddress, min(wanted, bytes.count), LoopbackSocket.noSignal)
            #elseif canImport(Musl)
                Musl.send(descriptor, bytes.baseAddress, min(wanted, bytes.count), LoopbackSocket.noSignal)
            #else
                Darwin.send(descriptor, bytes.baseAddress, min(wanted, bytes.count), LoopbackSocket.noSignal)
            #endif
        }
        if count > 0 {
            stream.sent(count, now: now)
        } else if errno != EAGAIN, errno != EINTR {
            end = .reset
        }
    }

    private func acceptAll() {
        while pairs.count < Self.maximumConnections, let client = FaultProxySockets.accept(listener) {
            shared.change { $0.accepted += 1 }
            // Asked anew: the order may have come together with the connection.
            switch shared.value.acceptance {
            case .close: FaultProxySockets.end(client, reset: false)
            case .reset: FaultProxySockets.end(client, reset: true)
            case .forward:
                guard let server = FaultProxySockets.connect(port: target) else {
                    FaultProxySockets.end(client, reset: true)
                    continue
                }
                pairs.append(Pair(client: client, server: server))
            }
        }
        let count = pairs.count
        shared.change { $0.open = count }
    }

    private static let readable = Int16(POLLIN)
    private static let writable = Int16(POLLOUT)
    private static let broken = Int16(POLLERR) | Int16(POLLHUP)
    private static let writing = CInt(SHUT_WR)
}
