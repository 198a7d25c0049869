import Recuerde

/// One call to a provider with a deadline: at the deadline the call is cancelled, and counts as too slow.
struct TimedCall: Sendable {
    let timeSource: any TimeSource
    let deadline: MonotonicInstant

    private enum Event: Sendable {
        case ended(Result<ProviderAnswer, ProviderError>)
        case deadline
        /// The clock was stopped, since the call has ended or the caller went away.
        case stopped
    }

    /// Makes the call; tells how it ended, and whether that was after the deadline.
    ///
    /// - Parameter onDeadline: Told at once when the deadline is reached, also where the call does not heed its
    ///   cancellation and ends later or never.
    func run(
        onDeadline: @Sendable () -> Void,
        _ body: @escaping @Sendable () async throws(ProviderError) -> ProviderAnswer
    ) async -> (outcome: Result<ProviderAnswer, ProviderError>, isLate: Bool) {
        var ended: Result<ProviderAnswer, ProviderError>?
        var isLate = false
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                do throws(ProviderError) {
                    return .ended(.success(try await body()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                (try? await timeSource.sleep(until: deadline)) == nil ? .stopped : .deadline
            }
            while let event = await group.next() {
                switch event {
                case .ended(let result):
                    ended = result
                    group.cancelAll()
                case .deadline where ended == nil:
                    isLate = true
                    onDeadline()
                    group.cancelAll()
                case .deadline, .stopped:
                    break
                }
            }
        }
        var outcome = ended ?? .failure(ProviderError(.cancelled, message: "the caller went away"))
        // What was cut off says that it was cancelled; it was too slow.
        if isLate, case .failure(var error) = outcome, error.code == .cancelled {
            error.code = .timedOut
            error.message = "the provider did not answer in time"
            outcome = .failure(error)
        }
        return (outcome, isLate)
    }
}
