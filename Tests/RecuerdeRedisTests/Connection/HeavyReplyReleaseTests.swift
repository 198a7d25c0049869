@_spi(CustomByteBufferAllocator) import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import RecuerdeRedis

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which threads have given back the memory of buffers that are made here.
private enum Freed {
    static let threads = Mutex<[UInt]>([])

    static let allocator = ByteBufferAllocator(
        allocate: { malloc($0) },
        reallocate: { pointer, _, size in realloc(pointer, size) },
        deallocate: { pointer in
            let thread = Freed.thisThread
            Freed.threads.withLock { $0.append(thread) }
            free(pointer)
        },
        copy: { target, source, count in target.copyMemory(from: source, byteCount: count) }
    )

    static var thisThread: UInt { UInt(bitPattern: Int(bitPattern: pthreadID)) }

    private static var pthreadID: UnsafeRawPointer? {
        #if canImport(Darwin)
            UnsafeRawPointer(pthread_self())
        #else
            UnsafeRawPointer(bitPattern: UInt(pthread_self()))
        #endif
    }
}

/// Runs the tasks that prefer it where they are resumed, so that they have ended when that returns.
private final class Inline: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        job.runSynchronously(on: asUnownedTaskExecutor())
    }
}

/// A connection without a socket, on the thread that makes it, which stands for its event loop.
private struct ConnectionOnThisThread {
    let core: ConnectionCore
    let channel: EmbeddedChannel

    init() throws {
        let loop = EmbeddedEventLoop()
        var configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:1"))
        configuration.keepAlive = nil
        configuration.protectsFromEviction = false
        let shared = ClientShared(configuration: configuration, logger: quiet, onStateChange: nil)
        core = ConnectionCore(
            shared: shared,
            eventLoop: loop,
            flags: ConnectionFlags(),
            fallback: nil,
            role: ConnectionRole()
        )
        let action = core.lifecycle.demanded(now: 0)
        guard case .dial(let attempt) = action else { throw NotYet() }
        core.dial = Dial(attempt: attempt)
        channel = EmbeddedChannel(handler: RedisChannelHandler(core: core, attempt: attempt), loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try read(ByteBuffer(string: FakeServer.greeting))
        while core.handler == nil { try read(ByteBuffer(string: "+OK\r\n")) }
    }

    func read(_ bytes: ByteBuffer) throws {
        try channel.writeInbound(bytes)
    }

    /// Sends a command, whose caller has its reply when `read` of it returns.
    func ask(_ body: @escaping @Sendable (RESPValue?) -> Void) throws -> PendingReply {
        let pending = try core.shared.admit("LRANGE", count: 1, bytes: 10, deadline: .max)
        // Ends with the reply; nobody needs to wait for it.
        Task(executorPreference: Inline()) {
            let value = try? await withUnsafeThrowingContinuation { (continuation: PendingReply.Single) in
                _ = pending.attach(continuation)
            }
            body(value)
        }
        core.drain { $0.append(.init(caller: pending, first: ByteBuffer(string: "*1\r\n$4\r\nPING\r\n"))) }
        return pending
    }
}

/// A great reply takes long to be freed. That is done by its caller or by another thread, never by the event loop.
@Suite(.serialized) struct HeavyRepliesAreFreed {
    private static let count = 60_000
    private static let element = "$8\r\nelement.\r\n"

    /// The first half of a list, in memory that tells who frees it, up to the middle of an element.
    private static func head() -> ByteBuffer {
        let text = "*\(count)\r\n" + String(repeating: element, count: count / 2) + "$8\r\nel"
        var buffer = Freed.allocator.buffer(capacity: text.utf8.count)
        buffer.writeString(text)
        return buffer
    }

    private static var tail: ByteBuffer {
        ByteBuffer(string: "ement.\r\n" + String(repeating: element, count: count / 2 - 1))
    }

    private static func expectFreedElsewhere(than loop: UInt) async throws {
        try await until { Freed.threads.withLock { $0.count } == 1 }
        #expect(Freed.threads.withLock { $0 } != [loop])
    }

    private enum Fate: CaseIterable {
        /// The caller gets it, and is done with it before the event loop is.
        case received
        /// The caller has gone before it came.
        case unwanted
        /// The connection ends in its middle.
        case cut
    }

    @Test(arguments: Fate.allCases) private func byAnotherThreadThanTheLoops(fate: Fate) async throws {
        Freed.threads.withLock { $0 = [] }
        let loop = try Self.play(fate)
        try await Self.expectFreedElsewhere(than: loop)
    }

    /// On one thread. Returns which.
    private static func play(_ fate: Fate) throws -> UInt {
        let connection = try ConnectionOnThisThread()
        let received = Shared<Int?>(nil)
        let isOver = Shared(false)
        let pending = try connection.ask { value in
            received.change { $0 = value?.elements?.count }
            isOver.change { $0 = true }
        }
        if fate == .unwanted { pending.cancel() }
        try connection.read(head())
        #expect(Freed.threads.withLock { $0.isEmpty })
        if fate == .cut {
            try connection.channel.close().wait()
        } else {
            try connection.read(tail)
        }
        #expect(isOver.value)
        #expect(received.value == (fate == .received ? count : nil))
        _ = try connection.channel.finish(acceptAlreadyClosed: true)
        return Freed.thisThread
    }
}
