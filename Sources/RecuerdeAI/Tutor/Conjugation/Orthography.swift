/// How Spanish writes what it says: the spelling of a sound before another vowel, and where an accent is written.
///
/// Source: Ortografía de la lengua española (2010), chapters I and II.
enum Orthography {
    static let vowels: Set<Character> = ["a", "e", "i", "o", "u", "á", "é", "í", "ó", "ú", "ü"]

    private static let accents: [Character: Character] = ["a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú"]
    private static let plain: [Character: Character] = ["á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u"]

    /// The stem of a verb in -ar as it is written before e.
    static func beforeE(_ stem: String) -> String {
        if stem.hasSuffix("gu") { return stem.dropLast() + "ü" }
        if stem.hasSuffix("c") { return stem.dropLast() + "qu" }
        if stem.hasSuffix("g") { return stem + "u" }
        if stem.hasSuffix("z") { return stem.dropLast() + "c" }
        return stem
    }

    /// The stem of a verb in -er or -ir as it is written before a or o.
    ///
    /// - Parameters:
    ///   - stem: The stem as before e or i.
    ///   - isIr: Whether the verb ends in -ir: after u it takes a y then (huya).
    ///   - takesZc: Whether c after a vowel becomes zc (conozca) and not z (meza).
    static func beforeA(_ stem: String, isIr: Bool, takesZc: Bool) -> String {
        if stem.hasSuffix("gü") { return stem.dropLast() + "uy" }
        if stem.hasSuffix("gu") { return String(stem.dropLast()) }
        if stem.hasSuffix("qu") { return stem.dropLast(2) + "c" }
        if stem.hasSuffix("g") { return stem.dropLast() + "j" }
        if stem.hasSuffix("c") {
            let isAfterVowel = stem.dropLast().last.map(vowels.contains) ?? false
            return stem.dropLast() + (isAfterVowel && takesZc ? "zc" : "z")
        }
        if isIr, let last = stem.last, last == "u" || last == "ú" { return stem + "y" }
        return stem
    }

    /// A stem and an ending as one word: without an accent on a word of one syllable (guieis, deis, rio, hui), whose
    /// only vowels are the ending's and a glide before it.
    static func join(_ stem: String, _ ending: String) -> String {
        guard let first = ending.first, let unaccented = plain[first], isWithoutSyllable(stem, before: unaccented),
            !ending.dropFirst().contains(where: { isSyllable($0, after: first) })
        else { return stem + ending }
        return stem + String(unaccented) + ending.dropFirst()
    }

    /// Whether another vowel of an ending makes a syllable of its own: not the i of éis.
    private static func isSyllable(_ character: Character, after first: Character) -> Bool {
        guard vowels.contains(character) else { return false }
        return !(character == "i" && first != "í")
    }

    /// Whether a stem has no vowel but a glide at its end: d, v, gui, cri, hu.
    private static func isWithoutSyllable(_ stem: String, before vowel: Character) -> Bool {
        var head = Substring(stem)
        // The two high vowels are a glide before another vowel; i before i is none.
        if let last = head.last, last == "i" && vowel != "i" || last == "u" && vowel != "u" {
            head = head.dropLast()
            // The u of gui and qui is not sounded.
            if last == "i", head.hasSuffix("gu") || head.hasSuffix("qu") { head = head.dropLast() }
        }
        return !head.contains(where: vowels.contains)
    }

    /// A stem with an accent on its last i or u, which is a syllable of its own: enví, reún, prohíb.
    static func accentingHighVowel(_ stem: String) -> String {
        guard let index = stem.lastIndex(where: { $0 == "i" || $0 == "u" }), let accent = accents[stem[index]] else {
            return stem
        }
        return stem[..<index] + String(accent) + stem[stem.index(after: index)...]
    }

    /// A text with an accent on its last letter, if that is a vowel: habla, hablá.
    static func accentingEnd(_ text: String) -> String {
        guard let last = text.last, let accent = accents[last] else { return text }
        return text.dropLast() + String(accent)
    }

    /// A text without accents on its vowels; the dots of ü stay.
    static func withoutAccents(_ text: String) -> String {
        String(text.map { plain[$0] ?? $0 })
    }

    /// Whether the ending's i, after this stem, is a syllable of its own and bears an accent: leíste, oímos.
    static func needsAccentedI(after stem: String) -> Bool {
        stem.last.map { "aeo".contains($0) } ?? false
    }
}
