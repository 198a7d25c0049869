import NIOCore
import NIOPosix
import Synchronization

@testable import RecuerdeRedis

/// The system's name lookup as a test says, and what it was asked.
final class ScriptedNames: Sendable {
    private struct Storage {
        var ports: [String: Int] = [:]
        var isMute = false
        var asked: [String] = []
        /// Questions without an answer, until somebody gives up.
        var open: [EventLoopPromise<[SocketAddress]>] = []
    }

    private let storage = Mutex(Storage())

    /// Lets a name lead to a port of this machine from now on; nil: nobody has that name.
    func lead(_ name: String, to port: Int?) {
        storage.withLock { $0.ports[name] = port }
    }

    /// Leaves all questions from now on without an answer.
    func fallSilent() {
        storage.withLock { $0.isMute = true }
    }

    /// Ends the questions that have no answer.
    func giveUp() {
        let open = storage.withLock { storage in
            defer { storage.open = [] }
            return storage.open
        }
        for promise in open { promise.succeed([]) }
    }

    /// The names that were asked for, one for each attempt to connect.
    var asked: [String] { storage.withLock { $0.asked } }

    /// To be configured as the resolver of a client.
    var resolver: @Sendable (any EventLoop) -> any NIOPosix.Resolver & Sendable {
        { loop in Resolver(names: self, eventLoop: loop) }
    }

    private func answer(_ name: String, _ eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        let port: Int? = storage.withLock { storage in
            storage.asked.append(name)
            if storage.isMute { storage.open.append(promise) }
            return storage.isMute ? nil : storage.ports[name] ?? 0
        }
        if let port {
            let address = port == 0 ? nil : try? SocketAddress(ipAddress: "127.0.0.1", port: port)
            promise.succeed(address.map { [$0] } ?? [])
        }
        return promise.futureResult
    }

    private struct Resolver: NIOPosix.Resolver, Sendable {
        let names: ScriptedNames
        let eventLoop: any EventLoop

        func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            names.answer(host, eventLoop)
        }

        func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
            eventLoop.makeSucceededFuture([])
        }

        func cancelQueries() {
            names.giveUp()
        }
    }
}
