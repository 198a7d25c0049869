import Recuerde

extension AIService {
    private enum BatchEvent: Sendable {
        case answered(index: Int, Result<FeedbackAnswer, any Error>)
        case deadline
    }

    /// How long what is late is looked for among what is kept.
    private static let lateLookupTime: Duration = .milliseconds(500)

    /// Answers many at once, in the order of the requests; a bad one fails alone.
    ///
    /// At most ``AIServiceConfiguration/batchConcurrency`` are under way at a time. Requests beyond
    /// ``InputLimits/batch`` fail as invalid. After ``AIServiceConfiguration/batchTimeout`` what is left is answered
    /// with what is kept, also past its time, and else by the tutor; looking that up takes half a second at most. Where
    /// the caller is cancelled, no further call begins, and what is left fails with `CancellationError`.
    public func batchGenerateFeedback(
        _ requests: [FeedbackRequest],
        policy: RequestPolicy = .init()
    ) async -> [Result<FeedbackAnswer, any Error>] {
        let taken = Array(requests.prefix(InputLimits.batch))
        var results = await answers(to: Array(taken.indices), within: configuration.batchTimeout) { index in
            await Self.outcome { try await self.generateFeedback(taken[index], policy: policy) }
        }
        let late = taken.indices.filter { results[$0] == nil }
        if !late.isEmpty, !Task.isCancelled {
            let kept = await answers(to: late, within: Self.lateLookupTime) { index in
                await Self.outcome { try await self.lateFeedback(taken[index], policy: policy) }
            }
            results.merge(kept) { first, _ in first }
        }
        return requests.indices.map { index in
            guard taken.indices.contains(index) else {
                return .failure(
                    AIServiceError.invalid([
                        FieldError(
                            field: "[\(index)]",
                            message: "is beyond the \(InputLimits.batch) requests that a batch may have"
                        )
                    ])
                )
            }
            if let result = results[index] { return result }
            if Task.isCancelled { return .failure(CancellationError()) }
            return Result { try tutorsLateFeedback(requests[index], policy: policy) }
        }
    }

    /// What was answered in time, by place in the batch.
    private func answers(
        to indices: [Int],
        within time: Duration,
        _ answer: @escaping @Sendable (Int) async -> Result<FeedbackAnswer, any Error>
    ) async -> [Int: Result<FeedbackAnswer, any Error>] {
        guard !indices.isEmpty else { return [:] }
        let deadline = timeSource.now().advanced(by: time)
        return await withTaskGroup(of: BatchEvent?.self) { group in
            var results: [Int: Result<FeedbackAnswer, any Error>] = [:]
            var ended = 0
            var waiting = indices.makeIterator()
            func start(in group: inout TaskGroup<BatchEvent?>) {
                guard let index = waiting.next() else { return }
                _ = group.addTaskUnlessCancelled { .answered(index: index, await answer(index)) }
            }
            group.addTask {
                (try? await self.timeSource.sleep(until: deadline)) == nil ? nil : .deadline
            }
            for _ in 0..<max(1, configuration.batchConcurrency) { start(in: &group) }
            while let event = await group.next() {
                switch event {
                case .answered(let index, let result):
                    ended += 1
                    start(in: &group)
                    if ended == indices.count { group.cancelAll() }
                    // An item that was cut off has no answer; the caller of this function knows what it gets.
                    if case .failure(let error) = result, error is CancellationError { break }
                    results[index] = result
                case .deadline:
                    group.cancelAll()
                case nil:
                    break
                }
            }
            return results
        }
    }

    private static func outcome(
        _ body: () async throws -> FeedbackAnswer
    ) async -> Result<FeedbackAnswer, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    /// The answer to an item whose batch ended before its turn: what is kept, fresh or past its time, else the tutor's.
    private func lateFeedback(_ request: FeedbackRequest, policy: RequestPolicy) async throws -> FeedbackAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        guard let kept = try await keptFeedback(request, policy: policy) else {
            return try tutorsLateFeedback(request, policy: policy)
        }
        return kept
    }

    private func tutorsLateFeedback(_ request: FeedbackRequest, policy: RequestPolicy) throws -> FeedbackAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        guard !policy.onlyIfCached else {
            throw AIServiceError(.notCached, message: "only a kept answer was wanted, and none was found in time")
        }
        let input = request.normalized
        recorder.standIn(kind: .feedback, reason: .providerFailed)
        return FeedbackAnswer(
            feedback: tutor.feedback(for: input),
            isCorrect: input.isCorrect,
            provenance: AnswerProvenance(
                source: .tutor,
                provider: "tutor",
                model: Tutor.version,
                reason: .providerFailed
            )
        )
    }
}
