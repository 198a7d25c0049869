extension Conjugator {
    /// Both sets of forms, in -ra and in -se.
    func imperfect(
        _ infinitive: Infinitive,
        _ person: GrammaticalPerson,
        change: VerbLexicon.StemChange?
    ) -> [String] {
        imperfect(stem: pastStem(infinitive, change), person)
    }

    /// The same of a stem that is known: that of the third person plural of the preterite.
    func imperfect(stem: String, _ person: GrammaticalPerson) -> [String] {
        ["ra", "se"].map { mark in
            switch person {
            case .yo, .el: stem + mark
            case .tu, .vos: stem + mark + "s"
            case .nosotros: accented(stem) + mark + "mos"
            case .vosotros: stem + mark + "is"
            case .ellos: stem + mark + "n"
            }
        }
    }

    /// The third person plural of the preterite without its -ron, from which the imperfect is formed.
    private func pastStem(_ infinitive: Infinitive, _ change: VerbLexicon.StemChange?) -> String {
        let text = infinitive.text
        if let stem = VerbLexicon.pastStems[text] { return stem }
        if let base = VerbLexicon.derived[text], let stem = VerbLexicon.pastStems[base] {
            return text.dropLast(base.count) + stem
        }
        if text.hasSuffix("ducir") { return text.dropLast(3) + "je" }
        var stem = infinitive.stem
        switch infinitive.conjugation {
        case .ar:
            return stem + "a"
        case .ir:
            switch change {
            case .eToIe, .eToI: stem = changed(stem, .eToI)
            case .oToUe: stem = closed(stem)
            default: break
            }
        case .er:
            break
        }
        let hasSilentU = stem.hasSuffix("gu") || stem.hasSuffix("qu")
        if stem.hasSuffix("gü") { return stem.dropLast() + "uye" }
        if !hasSilentU, let last = stem.last, "aeou".contains(last) { return stem + "ye" }
        if stem.hasSuffix("ñ") || stem.hasSuffix("ll") { return stem + "e" }
        return stem + "ie"
    }

    /// A stem with an accent on its last vowel: habláramos, comiéramos.
    private func accented(_ stem: String) -> String {
        switch stem.last {
        case "a": stem.dropLast() + "á"
        case "e": stem.dropLast() + "é"
        default: stem
        }
    }
}
