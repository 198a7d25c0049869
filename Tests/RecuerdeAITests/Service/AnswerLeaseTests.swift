import Recuerde
import RecuerdeTesting
import Synchronization
import Testing

@testable import RecuerdeAI

/// Several processes, of which one asks the provider.
@Suite(.timeLimit(.minutes(1))) struct AnswerLeaseTests {
    private let time = ManualTimeSource()
    private let remote: ScriptedRemoteTier

    init() {
        remote = ScriptedRemoteTier(timeSource: time)
    }

    private func service(
        _ provider: ScriptedProvider,
        _ change: (inout AIServiceConfiguration) -> Void = { _ in }
    ) -> AIService {
        var cache = CacheConfiguration()
        cache.defaultLoadsOncePerCluster = true
        var configuration = AIServiceConfiguration()
        change(&configuration)
        return AIService(
            cache: Cache(configuration: cache, remote: remote, timeSource: time),
            provider: provider,
            configuration: configuration,
            timeSource: time
        )
    }

    /// A provider that is at work until the gate opens.
    private func working(_ gate: Gate) -> ScriptedProvider {
        ScriptedProvider { (request) async throws(ProviderError) in
            await gate.pass()
            return ProviderAnswer(text: "words", model: request.model, usage: nil)
        }
    }

    private func waitForWaiter() async {
        while remote.leaseWaiters == 0 { await Task.yield() }
    }

    @Test func anAnswerThatAnotherProcessMakesIsPaidForOnce() async throws {
        let gate = Gate()
        let (asked, spared) = (working(gate), ScriptedProvider(text: "other words"))
        let (one, two) = (service(asked), service(spared))
        let first = Task { try await one.generateFeedback(Samples.feedback()) }
        await gate.waitForArrivals(1)
        let second = Task { try await two.generateFeedback(Samples.feedback()) }
        await waitForWaiter()
        gate.open()
        #expect(try await first.value.provenance.source == .load)
        let answer = try await second.value
        #expect(answer.feedback == "words" && answer.provenance.source == .redis)
        #expect(asked.requests.count == 1 && spared.requests.isEmpty)
        #expect(two.cacheStatistics().leaseWaits == 1)
    }

    /// The other's load takes its whole time and fails, and the one that begins then takes as long: nobody waits for both.
    @Test func nobodyWaitsForTwoLoadsOneAfterTheOther() async throws {
        let (gate, otherGate) = (Gate(), Gate())
        func limits(_ configuration: inout AIServiceConfiguration) {
            configuration.loadTimeout = .seconds(24)
            configuration.answerTimeout = .seconds(25)
        }
        let (one, two) = (service(working(gate), limits), service(working(otherGate), limits))
        let first = Task { try await one.generateFeedback(Samples.feedback()) }
        await gate.waitForArrivals(1)
        let answered = Flag()
        let second = Task {
            defer { answered.set() }
            return try await two.generateFeedback(Samples.feedback())
        }
        await waitForWaiter()
        let began = time.now()
        // Step by step, so that the owner renews its lease in time.
        while began.duration(to: time.now()) < .seconds(25) {
            for _ in 0..<20 { await Task.yield() }
            time.advance(by: .milliseconds(250))
        }
        for _ in 0..<100_000 where !answered.isSet { await Task.yield() }
        #expect(answered.isSet)
        gate.open()
        otherGate.open()
        #expect(try await second.value.provenance.source == .tutor)
        #expect(try await first.value.provenance.source == .tutor)
    }
}

private final class Flag: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .acquiring) }

    func set() {
        state.store(true, ordering: .releasing)
    }
}
