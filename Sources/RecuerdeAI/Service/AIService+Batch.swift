import Recuerde

extension AIService {
    private enum BatchEvent: Sendable {
        case answered(index: Int, Result<FeedbackAnswer, any Error>)
        case deadline
    }

    /// Answers many at once, in the order of the requests; a bad one fails alone.
    ///
    /// At most ``AIServiceConfiguration/batchConcurrency`` are under way at a time. Requests beyond
    /// ``InputLimits/batch`` fail as invalid. After ``AIServiceConfiguration/batchTimeout`` the tutor answers what is
    /// left. Where the caller is cancelled, no further call begins, and what is left fails with `CancellationError`.
    public func batchGenerateFeedback(
        _ requests: [FeedbackRequest],
        policy: RequestPolicy = .init()
    ) async -> [Result<FeedbackAnswer, any Error>] {
        let taken = requests.prefix(InputLimits.batch)
        let results = await answers(to: taken, policy: policy)
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
            return Result { try lateFeedback(requests[index], policy: policy) }
        }
    }

    /// What was answered before the deadline, by place in the batch.
    private func answers(
        to requests: ArraySlice<FeedbackRequest>,
        policy: RequestPolicy
    ) async -> [Int: Result<FeedbackAnswer, any Error>] {
        guard !requests.isEmpty else { return [:] }
        let deadline = timeSource.now().advanced(by: configuration.batchTimeout)
        return await withTaskGroup(of: BatchEvent?.self) { group in
            var results: [Int: Result<FeedbackAnswer, any Error>] = [:]
            var ended = 0
            var waiting = requests.indices.makeIterator()
            func start(in group: inout TaskGroup<BatchEvent?>) {
                guard let index = waiting.next() else { return }
                let request = requests[index]
                _ = group.addTaskUnlessCancelled {
                    .answered(index: index, await self.outcome(of: request, policy: policy))
                }
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
                    if ended == requests.count { group.cancelAll() }
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

    private func outcome(
        of request: FeedbackRequest,
        policy: RequestPolicy
    ) async -> Result<FeedbackAnswer, any Error> {
        do {
            return .success(try await generateFeedback(request, policy: policy))
        } catch {
            return .failure(error)
        }
    }

    /// The tutor's answer to an item whose batch ended before its turn.
    private func lateFeedback(_ request: FeedbackRequest, policy: RequestPolicy) throws -> FeedbackAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        guard !policy.onlyIfCached else {
            throw AIServiceError(.notCached, message: "only a kept answer was wanted, and none was found in time")
        }
        let input = request.normalized
        recorder.standIn(kind: .feedback, reason: .providerFailed)
        return FeedbackAnswer(
            feedback: tutor.feedback(for: input),
            isCorrect: input.userAnswer.utf8.elementsEqual(input.correctAnswer.utf8),
            provenance: AnswerProvenance(
                source: .tutor,
                provider: "tutor",
                model: Tutor.version,
                reason: .providerFailed
            )
        )
    }
}
