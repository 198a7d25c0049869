/// How the last vowel of a stem changes: where it is stressed, and in verbs in -ir also where it closes.
enum StemChange: Sendable, Hashable, CaseIterable {
    /// pensar, pienso; in -ir also sentir, sintamos.
    case eToIe
    /// The same of the few verbs in -ir that do not close their vowel: discernir, discierno, discernamos.
    case eToIeOnly
    /// contar, cuento; in -ir also dormir, durmamos.
    case oToUe
    /// pedir, pido, pidamos.
    case eToI
    /// jugar, juego.
    case uToUe
    /// adquirir, adquiero.
    case iToIe

    /// The vowel that changes, and what it becomes under stress.
    var vowels: (before: Character, after: String) {
        switch self {
        case .eToIe, .eToIeOnly: ("e", "ie")
        case .oToUe: ("o", "ue")
        case .eToI: ("e", "i")
        case .uToUe: ("u", "ue")
        case .iToIe: ("i", "ie")
        }
    }

    /// What the vowel becomes in verbs in -ir where it is not stressed and the ending does not begin with a simple i:
    /// sintamos, durmió. nil where it stays.
    var closedVowel: Character? {
        switch self {
        case .eToIe, .eToI: "i"
        case .oToUe: "u"
        case .eToIeOnly, .uToUe, .iToIe: nil
        }
    }

    /// The stem as it is where it is stressed.
    func stressed(_ stem: String) -> String {
        let (before, after) = vowels
        guard let index = stem.lastIndex(of: before) else { return stem }
        let head = stem[..<index]
        var vowels = after
        if after == "ue" || after == "ie" {
            // No word begins with ue or ie, nor has one of them after a vowel: oler, huelo; errar, yerro; desosar,
            // deshueso. The h is that of the word that the verb is made of.
            if head.isEmpty || head == "des" && stem == "desos" {
                vowels = after == "ue" ? "hue" : "ye"
            } else if after == "ue", head.last == "g" {
                vowels = "üe"
            }
        }
        return head + vowels + stem[stem.index(after: index)...]
    }

    /// The stem as it is in verbs in -ir where its vowel closes.
    func closed(_ stem: String) -> String {
        guard let vowel = closedVowel, let index = stem.lastIndex(of: vowels.before) else { return stem }
        return stem[..<index] + String(vowel) + stem[stem.index(after: index)...]
    }
}
