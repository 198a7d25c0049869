import Recuerde
import RecuerdeTesting
import Testing

@testable import RecuerdeAI

/// Answers carry tags, by which they can be made void.
@Suite(.timeLimit(.minutes(1))) struct AnswerTagTests {
    private let time = ManualTimeSource()
    private let provider = ScriptedProvider(text: "[\"words\"]")

    private func service(
        _ remote: (any RemoteTier)? = nil,
        format: WireFormat = .envelope,
        ai: (inout AIServiceConfiguration) -> Void = { _ in }
    ) -> AIService {
        var configuration = CacheConfiguration()
        configuration.format = format
        var aiConfiguration = AIServiceConfiguration()
        ai(&aiConfiguration)
        return AIService(
            cache: Cache(configuration: configuration, remote: remote, timeSource: time),
            provider: provider,
            configuration: aiConfiguration,
            timeSource: time
        )
    }

    private func feedback(_ answer: String = "hablo", _ records: [String]? = nil) -> FeedbackRequest {
        var request = Samples.feedback(answer)
        request.records = records
        return request
    }

    private func hint(_ records: [String]? = nil) -> HintRequest {
        var request = Samples.hint()
        request.records = records
        return request
    }

    private func insights(_ records: [String]? = nil) -> InsightsRequest {
        var request = Samples.insights
        request.records = records
        return request
    }

    /// The tags of what is kept, by the kind in the key.
    private func tags(_ service: AIService) async throws -> [String: [String]] {
        var tags: [String: [String]] = [:]
        for text in try await service.cache.keys(limit: 100).keys {
            let holding = try await service.cache.explain(CacheKey(escapedText: text)).memory
            tags[text.split(separator: ":").dropFirst().first.map(String.init) ?? ""] = holding?.tags
        }
        return tags
    }

    /// Where an answer comes from that memory does not give any more, once the process has heard why.
    private func sourceAfterNotice(_ service: AIService, _ request: FeedbackRequest) async throws
        -> AnswerProvenance.Source
    {
        while true {
            let source = try await service.generateFeedback(request).provenance.source
            guard source == .memory else { return source }
            await Task.yield()
        }
    }

    @Test func everyAnswerCarriesItsKindItsModelAndItsRecords() async throws {
        let service = service { $0.hint.model = "claude-opus-5" }
        _ = try await service.generateFeedback(feedback("hablo", ["exercise:42", "learner:a:7", "exercise:42"]))
        _ = try await service.generatePersonalizedHint(hint(["exercise:42"]))
        _ = try await service.generateLearningInsights(insights())
        #expect(
            try await tags(service) == [
                "feedback": ["kind:feedback", "model:claude-haiku-4-5", "exercise:42", "learner:a%3A7"],
                "hint": ["kind:hint", "model:claude-opus-5", "exercise:42"],
                "insights": ["kind:insights", "model:claude-haiku-4-5"],
            ]
        )
    }

    @Test func theTutorsAnswersCarryItsVersion() async throws {
        let service = AIService(cache: Cache(timeSource: time), provider: nil, timeSource: time)
        _ = try await service.generateFeedback(feedback())
        #expect(try await tags(service) == ["feedback": ["kind:feedback", "model:\(Tutor.version)"]])
    }

    @Test func recordsArePartOfNoKey() async throws {
        let service = service()
        let first = try await service.generateFeedback(feedback("hablo", ["exercise:42"]))
        #expect(first.provenance.source == .load)
        for records in [["exercise:43"], [], nil] {
            #expect(try await service.generateFeedback(feedback("hablo", records)).provenance.source == .memory)
        }
        _ = try await service.generatePersonalizedHint(hint(["exercise:42"]))
        #expect(try await service.generatePersonalizedHint(hint()).provenance.source == .memory)
        _ = try await service.generateLearningInsights(insights(["learner:7"]))
        #expect(try await service.generateLearningInsights(insights()).provenance.source == .memory)
        #expect(provider.requests.count == 3)
        // Nor of what the provider gets to see.
        #expect(!provider.requests.contains { $0.user.contains("exercise:42") || $0.user.contains("learner:7") })
    }

    @Test func aKindIsMadeVoidAndNoOther() async throws {
        let service = service()
        func ask() async throws -> [AnswerProvenance.Source] {
            [
                try await service.generateFeedback(feedback()).provenance.source,
                try await service.generatePersonalizedHint(hint()).provenance.source,
                try await service.generateLearningInsights(insights()).provenance.source,
            ]
        }
        #expect(try await ask() == [.load, .load, .load])
        #expect(try await ask() == [.memory, .memory, .memory])
        try await service.cache.invalidate(tags: [AnswerTags.kind(.hint)])
        #expect(try await ask() == [.memory, .load, .memory])
        try await service.cache.invalidate(tags: [AnswerTags.model("claude-haiku-4-5")])
        #expect(try await ask() == [.load, .load, .load])
        try await service.cache.invalidate(tags: [AnswerTags.model("claude-opus-5")])
        #expect(try await ask() == [.memory, .memory, .memory])
    }

    @Test func whatARecordChangesIsMadeAnewInEveryProcess() async throws {
        let remote = ScriptedRemoteTier(timeSource: time)
        let (one, two) = (
            service(remote.node("one", isTracked: true)), service(remote.node("two", isTracked: true))
        )
        _ = try await one.generateFeedback(feedback("hablo", ["exercise:42", "learner:7"]))
        _ = try await one.generateFeedback(feedback("hablas", ["exercise:43", "learner:7"]))
        for answer in ["hablo", "hablas"] {
            #expect(try await two.generateFeedback(feedback(answer)).provenance.source == .redis)
        }
        try await one.cache.recordChanged("exercise", id: "42")
        #expect(try await sourceAfterNotice(two, feedback("hablo", ["exercise:42"])) == .load)
        #expect(try await two.generateFeedback(feedback("hablas")).provenance.source == .memory)
        try await two.cache.recordChanged("learner", id: "7")
        #expect(try await sourceAfterNotice(one, feedback("hablas")) == .load)
        // It was made anew for somebody who named no learner.
        #expect(try await one.generateFeedback(feedback("hablo")).provenance.source == .redis)
    }

    @Test func eachItemOfABatchHasItsOwn() async throws {
        let service = service()
        _ = await service.batchGenerateFeedback([feedback("a", ["exercise:1"]), feedback("b", ["exercise:2"])])
        try await service.cache.recordChanged("exercise", id: "2")
        let again = await service.batchGenerateFeedback([feedback("a"), feedback("b")])
        #expect(try again.map { try $0.get().provenance.source } == [.memory, .load])
    }

    @Test func whatIsVoidStandsInWhereTheProviderFailsUnlessItWasRemoved() async throws {
        let service = service()
        _ = try await service.generateFeedback(feedback())
        provider.change { (_) throws(ProviderError) in
            throw ProviderError(.overloaded, message: "scripted", attempts: 1)
        }
        try await service.cache.invalidate(tags: ["kind:feedback"])
        let stale = try await service.generateFeedback(feedback())
        #expect(stale.provenance.source == .stale && stale.provenance.reason == .providerFailed)
        try await service.cache.invalidate(tags: ["kind:feedback"], by: .remove)
        #expect(try await service.generateFeedback(feedback()).provenance.source == .tutor)
    }

    // MARK: What it costs

    /// Memory answers, and so does Redis, with no exchange more than an answer without tags would take, once the marks are known.
    @Test func aHitCostsNoExchangeForItsTags() async throws {
        let remote = ScriptedRemoteTier(timeSource: time)
        let (first, second) = (remote.node("one", isTracked: true), remote.node("two", isTracked: true))
        let (one, two) = (service(first), service(second))
        func exchanges(
            _ node: ScriptedNode,
            _ source: AnswerProvenance.Source,
            _ service: AIService,
            _ request: FeedbackRequest
        ) async throws -> Int {
            let before = node.counts.exchanges
            #expect(try await service.generateFeedback(request).provenance.source == source)
            return node.counts.exchanges - before
        }
        // Seen to once: of the kind, the model and the record. Then a load costs as many as one without tags.
        let cold = try await exchanges(first, .load, one, feedback("a", ["exercise:1"]))
        let warm = try await exchanges(first, .load, one, feedback("b", ["exercise:1"]))
        #expect(cold == warm + 1)
        #expect(try await exchanges(first, .load, one, feedback("c", ["exercise:2"])) == cold)
        for _ in 0..<3 { #expect(try await exchanges(first, .memory, one, feedback("a")) == 0) }
        // Another process reads the entry, and once what is said of its tags.
        #expect(try await exchanges(second, .redis, two, feedback("a")) == 2)
        #expect(try await exchanges(second, .redis, two, feedback("b")) == 1)
        #expect(try await exchanges(second, .memory, two, feedback("a")) == 0)
        // An invalidation of something else leaves that so.
        try await one.cache.invalidate(tags: ["kind:hint"])
        #expect(try await exchanges(second, .memory, two, feedback("b")) == 0)
        #expect(try await exchanges(first, .memory, one, feedback("b")) == 0)
    }

    @Test func underPlainThereAreNoTagsAndAnswersAreKeptAllTheSame() async throws {
        let remote = ScriptedRemoteTier(timeSource: time)
        let service = service(remote, format: .plain)
        let before = remote.counts.exchanges
        #expect(try await service.generateFeedback(feedback("hablo", ["exercise:42"])).provenance.source == .load)
        let tagged = remote.counts.exchanges - before
        #expect(try await service.generateFeedback(feedback("hablo")).provenance.source == .redis)
        let between = remote.counts.exchanges
        #expect(try await service.generateFeedback(feedback("hablas")).provenance.source == .load)
        #expect(remote.counts.exchanges - between == tagged)
        let error = await #expect(throws: CacheError.self) {
            try await service.cache.invalidate(tags: ["kind:feedback"])
        }
        #expect(error?.code == .unsupported)
        #expect(try await service.generateFeedback(feedback("hablo")).provenance.source == .redis)
    }

    // MARK: Input

    @Test(arguments: [
        ([], []), (["exercise:42"], []), (["a:b:c", "ñ:ü"], []),
        (["exercise:" + String(repeating: "7", count: 91)], []),
        (["exercise:" + String(repeating: "7", count: 92)], ["records[0]"]),
        (["exercise:1", "exercise", ":1", "exercise:", ""], ["records[1]", "records[2]", "records[3]", "records[4]"]),
        (Array(repeating: "exercise:1", count: 8), []), (Array(repeating: "exercise:1", count: 9), ["records"]),
    ])
    func recordsAreCheckedInEveryRequest(records: [String], fields: [String]) async throws {
        #expect(feedback("hablo", records).faults().map(\.field) == fields)
        #expect(hint(records).faults().map(\.field) == fields)
        #expect(insights(records).faults().map(\.field) == fields)
        guard !fields.isEmpty else { return }
        let error = await #expect(throws: AIServiceError.self) {
            try await service().generateFeedback(feedback("hablo", records))
        }
        #expect(error?.code == .invalid)
    }
}
