import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP proxy on loopback that does to connections what networks do: delays, half-open ends, resets, trickles.
///
/// It forwards until it is told otherwise, and can be told at any time; what it is told holds for the connections there are
/// and for those to come. One thread serves it. It holds at most 256 connections and 256 KiB for each direction of each,
/// and ends with `close()`, with its last reference, and after ten minutes at the latest.
public final class FaultProxy: Sendable {
    /// What becomes of a new connection.
    public enum Acceptance: Sendable {
        /// It is led to the server.
        case forward
        /// It is accepted and closed at once.
        case close
        /// It is accepted and reset at once.
        case reset
    }

    /// Where it listens, on 127.0.0.1.
    public let port: Int

    private let shared: FaultProxyOrders
    /// The loop waits on the other end of this channel; closing it ends the loop.
    private let wake: CInt
    private let ended = DispatchSemaphore(value: 0)

    /// Listens on a free port and forwards to a port of this machine, whether anybody listens there or not.
    ///
    /// - Throws: `TestingError` if there is no socket to be had.
    public init(to target: Int) throws {
        let listener = try FaultProxySockets.listen()
        let channel: (reader: CInt, writer: CInt)
        do {
            channel = try FaultProxySockets.channel()
        } catch {
            Self.closeDescriptor(listener.descriptor)
            throw error
        }
        port = listener.port
        wake = channel.writer
        let shared = FaultProxyOrders()
        self.shared = shared
        let ended = ended
        // Ends with the channel, which this object holds open.
        Thread.detachNewThread {
            let loop = FaultProxyLoop(
                listener: listener.descriptor,
                wake: channel.reader,
                target: target,
                orders: shared,
                lifetimeSeconds: 600
            )
            loop.run()
            ended.signal()
        }
    }

    deinit {
        shared.change { $0.isClosed = true }
        Self.closeDescriptor(wake)
    }

    /// `redis://` with the port of the proxy.
    public var url: String { "redis://127.0.0.1:\(port)/0" }

    /// How many connections have been accepted so far.
    public var accepted: Int { shared.value.accepted }

    /// How many connections are open now.
    public var open: Int { shared.value.open }

    /// Changes what becomes of the bytes of clients.
    public func toServer(_ flow: FaultFlow) {
        change { orders in
            orders.toServer = flow
            orders.serverGeneration += 1
        }
    }

    /// Changes what becomes of the bytes of the server.
    public func toClients(_ flow: FaultFlow) {
        change { orders in
            orders.toClients = flow
            orders.clientGeneration += 1
        }
    }

    /// Changes both directions.
    public func both(_ flow: FaultFlow) {
        toServer(flow)
        toClients(flow)
    }

    /// Changes what becomes of new connections.
    public func accept(_ acceptance: Acceptance) {
        change { $0.acceptance = acceptance }
    }

    /// Ends all connections that are open now: by RST, or in good order by FIN.
    public func cut(reset: Bool) {
        change { $0.cut = reset ? .reset : .close }
    }

    /// Closes all connections and the port, and returns when that is done, after five seconds at the latest.
    public func close() {
        let isFirst = shared.change { orders in
            defer { orders.isClosed = true }
            return !orders.isClosed
        }
        guard isFirst else { return }
        FaultProxySockets.poke(wake)
        _ = ended.wait(timeout: .now() + 5)
    }

    private func change(_ body: (inout FaultProxyOrders.Value) -> Void) {
        shared.change(body)
        FaultProxySockets.poke(wake)
    }

    private static func closeDescriptor(_ descriptor: CInt) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }
}

/// What a proxy has been told, and what it tells.
final class FaultProxyOrders: Sendable {
    struct Value {
        var toServer = FaultFlow.forward
        var toClients = FaultFlow.forward
        /// Count the changes of the flows, so that setting the same flow again begins it anew.
        var serverGeneration = 0
        var clientGeneration = 0
        var acceptance = FaultProxy.Acceptance.forward
        /// Carried out once, on the connections of that moment.
        var cut: FaultProxy.Acceptance?
        var isClosed = false
        var accepted = 0
        var open = 0
    }

    private let storage = Mutex(Value())

    var value: Value { storage.withLock { $0 } }

    @discardableResult
    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        storage.withLock { value in
            var copy = value
            let result = body(&copy)
            value = copy
            return result
        }
    }

    /// The orders of this moment; the cut is handed out once.
    func take() -> Value {
        storage.withLock { value in
            defer { value.cut = nil }
            return value
        }
    }
}
