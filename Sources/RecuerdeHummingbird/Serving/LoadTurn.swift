import Recuerde

/// Why what one request has made is not for the others that waited for it. None of them gets to see it.
enum NotShared: Error {
    /// The handler failed, or its response is not to be kept: each runs the handler itself.
    case notKept
    /// The request is gone: another takes its place.
    case left
}

/// Lets the cache's load be carried out by the request that asked for it.
///
/// The handler cannot leave the task of its request, and a load runs in a task of the cache. So the load only asks the request for the
/// response, and waits.
final class LoadTurn: Sendable {
    /// How it goes on for the request.
    enum Step: Sendable {
        /// The cache wants the response, and has this already.
        case load(PreviousValue<StoredResponse>?)
        /// The cache has an outcome without this request's doing.
        case outcome
    }

    private let step = Handoff<Step>()
    private let made = Handoff<Result<Loaded<StoredResponse>, SourceFailure>>()

    /// What the cache calls. Begins once at most, and not where the request has its outcome already.
    @Sendable func load(_ context: LoadContext<StoredResponse>) async throws -> Loaded<StoredResponse> {
        guard step.fill(.load(context.previous)) else { throw SourceFailure(NotShared.left, allowsStale: false) }
        return try await made.value().get()
    }

    func next() async throws -> Step {
        try await step.value()
    }

    func settle() {
        step.fill(.outcome)
    }

    func finish(_ outcome: Result<Loaded<StoredResponse>, SourceFailure>) {
        made.fill(outcome)
    }
}
