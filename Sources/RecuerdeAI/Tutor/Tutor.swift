/// The built-in teacher of the Spanish subjunctive: answers without any provider, always alike for the same question,
/// in well under a millisecond.
///
/// It says only what it is sure of: of a verb or a trigger that it does not know it says less, and nothing false.
public struct Tutor: Sendable {
    /// The version of what it says; part of every key under which its answers are kept.
    public static let version = "tutor-3"

    let conjugator = Conjugator()
    let triggers = TriggerCatalogue()

    /// Makes a tutor.
    public init() {}

    /// One of several wordings, chosen by the question, so that they vary and yet stay the same for the same question.
    func choice(_ wordings: [String], for seed: String) -> String {
        guard !wordings.isEmpty else { return "" }
        // FNV-1a (Fowler, Noll, Vo), since Swift's own hashes differ from run to run.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in seed.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return wordings[Int(hash % UInt64(wordings.count))]
    }
}
