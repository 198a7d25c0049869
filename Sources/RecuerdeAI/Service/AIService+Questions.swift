extension AIService {
    /// Says what to think of a learner's answer.
    ///
    /// Costs a look into the cache, and where nothing is kept one call to the provider, however many ask the same at
    /// the same time.
    ///
    /// - Throws: ``AIServiceError`` (`invalid` with the fields at fault, `notCached`), or `CancellationError`; never
    ///   because a provider failed.
    public func generateFeedback(
        _ request: FeedbackRequest,
        policy: RequestPolicy = .init()
    ) async throws -> FeedbackAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        let input = request.normalized
        let answer = try await answer(try feedbackQuestion(input, request.records), policy: policy)
        return FeedbackAnswer(
            feedback: answer.texts.first ?? tutor.feedback(for: input),
            isCorrect: input.isCorrect,
            provenance: answer.provenance
        )
    }

    /// What is kept for a question, fresh or past its time, without asking anybody; nil where nothing is.
    func keptFeedback(_ request: FeedbackRequest, policy: RequestPolicy) async throws -> FeedbackAnswer? {
        let input = request.normalized
        guard let kept = try await kept(try feedbackQuestion(input, nil), policy: policy), let text = kept.texts.first
        else {
            return nil
        }
        return FeedbackAnswer(feedback: text, isCorrect: input.isCorrect, provenance: kept.provenance)
    }

    private func feedbackQuestion(_ input: FeedbackRequest, _ records: [String]?) throws -> Question {
        let tutor = tutor
        return try Question(
            kind: .feedback,
            language: input.language,
            input: input,
            data: FeedbackData(request: input, isCorrect: input.isCorrect),
            records: records,
            identity: identity,
            configuration: kindConfiguration(.feedback),
            accept: { (text) throws(ProviderError) in [try AnswerText.paragraph(text)] },
            standIn: { [tutor.feedback(for: input)] }
        )
    }

    /// How a kind of answer is made. Where the tutor makes them all, no model has a say, and the key carries its version.
    private func kindConfiguration(_ kind: AnswerKind) -> KindConfiguration {
        var kindConfiguration = configuration.effective(kind)
        if provider == nil { kindConfiguration.model = nil }
        return kindConfiguration
    }

    /// Helps with an exercise without giving its answer away.
    ///
    /// A provider's hint that contains the answer, or a form of the verb in the tense asked for that the tutor knows,
    /// is neither shown nor kept; the tutor's is given instead.
    ///
    /// - Throws: As ``generateFeedback(_:policy:)``.
    public func generatePersonalizedHint(
        _ request: HintRequest,
        policy: RequestPolicy = .init()
    ) async throws -> HintAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        let input = request.normalized
        let tutor = tutor
        let question = try Question(
            kind: .hint,
            language: input.language,
            input: input,
            data: HintData(request: input),
            records: request.records,
            identity: identity,
            configuration: kindConfiguration(.hint),
            accept: { (text) throws(ProviderError) in
                let hint = try AnswerText.paragraph(text)
                guard !AnswerLeakGuard(exercise: input.exercise).givesAway(hint) else {
                    throw ProviderError(.hintContainedAnswer, message: "the hint gave the answer away")
                }
                return [hint]
            },
            standIn: { [tutor.hint(for: input)] }
        )
        let answer = try await answer(question, policy: policy)
        return HintAnswer(hint: answer.texts.first ?? tutor.hint(for: input), provenance: answer.provenance)
    }

    /// Says what a learner should do next: one to five pieces of advice.
    ///
    /// - Throws: As ``generateFeedback(_:policy:)``.
    public func generateLearningInsights(
        _ request: InsightsRequest,
        policy: RequestPolicy = .init()
    ) async throws -> InsightsAnswer {
        let faults = request.faults()
        guard faults.isEmpty else { throw AIServiceError.invalid(faults) }
        let input = request.normalized
        let tutor = tutor
        let question = try Question(
            kind: .insights,
            language: input.language,
            input: input,
            data: InsightsData(request: input),
            records: request.records,
            identity: identity,
            configuration: kindConfiguration(.insights),
            accept: { (text) throws(ProviderError) in
                guard let insights = InsightsParser.parse(text) else {
                    throw ProviderError(.unparseable, message: "the answer holds no list of insights")
                }
                return insights
            },
            standIn: { tutor.insights(for: input) }
        )
        let answer = try await answer(question, policy: policy)
        return InsightsAnswer(
            insights: answer.texts.isEmpty ? tutor.insights(for: input) : answer.texts,
            provenance: answer.provenance
        )
    }
}
