import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Recuerde
import RecuerdeHummingbird
import RecuerdeTesting
import Synchronization

/// An application whose one handler is a closure, behind a cache of responses on a manual clock.
struct TestSite: Sendable {
    let time = ManualTimeSource()
    let cache: Cache
    let visits = Visits()
    private let configuration: ResponseCacheConfiguration
    private let handler: @Sendable (Request, Int) async throws -> Response

    /// - Parameter handler: Is told how often it has run, from 1 on.
    init(
        _ configuration: ResponseCacheConfiguration = ResponseCacheConfiguration(),
        logger: Logger? = nil,
        handler: @escaping @Sendable (Request, Int) async throws -> Response
    ) {
        cache = Cache(timeSource: time, logger: logger)
        self.configuration = configuration
        self.handler = handler
    }

    /// A handler that says the number of its run, under these fields.
    init(_ fields: HTTPFields) {
        self.init(ResponseCacheConfiguration(), fields)
    }

    init(_ configuration: ResponseCacheConfiguration, _ fields: HTTPFields) {
        self.init(configuration) { _, run in Response(status: .ok, headers: fields, body: .text("\(run)")) }
    }

    init(_ cacheControl: String) {
        self.init([.cacheControl: cacheControl])
    }

    func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let router = Router()
        router.add(middleware: ResponseCacheMiddleware(cache: cache, configuration: configuration))
        for method in [HTTPRequest.Method.get, .head, .post, .put, .delete, .patch] {
            router.on("**", method: method) { [visits, handler] request, _ in
                try await handler(request, visits.add(request))
            }
        }
        try await Application(router: router).test(.router) { try await body($0) }
    }
}

/// What a handler has seen.
final class Visits: Sendable {
    private let requests = Mutex<[Request]>([])

    var count: Int { requests.withLock { $0.count } }
    var last: Request? { requests.withLock { $0.last } }

    func add(_ request: Request) -> Int {
        requests.withLock {
            $0.append(request)
            return $0.count
        }
    }
}

/// Lets handlers wait for a test.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension ResponseBody {
    static func text(_ text: String) -> ResponseBody {
        ResponseBody(byteBuffer: ByteBuffer(string: text))
    }
}

extension TestClientProtocol {
    func ask(_ path: String = "/a", _ method: HTTPRequest.Method = .get, _ fields: HTTPFields = [:]) async throws
        -> TestResponse
    {
        try await execute(uri: path, method: method, headers: fields) { $0 }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func field(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    var cacheStatus: String { field("Cache-Status") ?? "" }
}

/// Waits until something is so that other tasks bring about; gives up after many turns.
func until(_ condition: @Sendable () -> Bool) async -> Bool {
    for _ in 0..<1_000_000 {
        if condition() { return true }
        await Task.yield()
    }
    return false
}
