import Recuerde
import Synchronization

/// A source with entity tags: answers with a body, or with "not modified" to whoever has the present version already.
final class ScriptedSource: Sendable {
    struct Request: Equatable {
        var ifNoneMatch: String?
        var ifModifiedSince: String?
        /// Whether a body was sent.
        var isFull: Bool
    }

    private struct State {
        var value: Int
        var version = 1
        var requests: [Request] = []
    }

    private let state: Mutex<State>

    init(_ value: Int) {
        state = Mutex(State(value: value))
    }

    /// The value is another one from now on.
    func change(to value: Int) {
        state.withLock { state in
            state.value = value
            state.version += 1
        }
    }

    var requests: [Request] { state.withLock(\.requests) }

    func validators(_ version: Int) -> Validators {
        Validators(etag: "\"v\(version)\"", lastModified: "day \(version)")
    }

    /// Nil for "not modified".
    func ask(ifNoneMatch etag: String?, ifModifiedSince: String? = nil) -> (value: Int, validators: Validators)? {
        state.withLock { state in
            let validators = validators(state.version)
            let isFull = etag != validators.etag
            state.requests.append(Request(ifNoneMatch: etag, ifModifiedSince: ifModifiedSince, isFull: isFull))
            return isFull ? (state.value, validators) : nil
        }
    }

    /// A load as an application writes it.
    @Sendable func load(_ context: LoadContext<Int>) throws -> Loaded<Int> {
        guard
            let answer = ask(
                ifNoneMatch: context.previous?.etag,
                ifModifiedSince: context.previous?.lastModified
            )
        else { return try context.notModified() }
        return Loaded(answer.value, validators: answer.validators)
    }
}
