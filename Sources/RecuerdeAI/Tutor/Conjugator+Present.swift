extension Conjugator {
    func present(
        _ infinitive: Infinitive,
        _ person: GrammaticalPerson,
        change: VerbLexicon.StemChange?
    ) -> [String] {
        let text = infinitive.text
        if person == .vos {
            // Usage has both: the form of tú, and the one that is stressed at its end, which is that of vosotros
            // without its i.
            let plural = present(infinitive, .vosotros, change: change).map { form in
                form.replacingSuffix("éis", by: "és").replacingSuffix("áis", by: "ás")
                    .replacingSuffix("eis", by: "es").replacingSuffix("ais", by: "as")
            }
            return Array(Set(present(infinitive, .tu, change: change) + plural)).sorted()
        }
        if let table = VerbLexicon.irregularPresent[text] {
            return table.indices.contains(person.rawValue) ? [table[person.rawValue]] : []
        }
        if let base = VerbLexicon.derived[text], let stem = VerbLexicon.presentStems[base] {
            return [text.dropLast(base.count) + stem + ending(infinitive, person)]
        }
        if let stem = VerbLexicon.presentStems[text] { return [stem + ending(infinitive, person)] }
        if let stem = VerbLexicon.accentedStems[text], person.isStemStressed {
            return [stem + ending(infinitive, person)]
        }
        return [spelled(presentStem(infinitive, person, change), of: infinitive) + ending(infinitive, person)]
    }

    /// The stem with its vowel as it is in this person.
    private func presentStem(
        _ infinitive: Infinitive,
        _ person: GrammaticalPerson,
        _ change: VerbLexicon.StemChange?
    ) -> String {
        guard let change else { return infinitive.stem }
        if person.isStemStressed || change == .eToI { return changed(infinitive.stem, change) }
        // Verbs in -ir close the vowel where it is not stressed: sintamos, durmamos.
        guard infinitive.conjugation == .ir else { return infinitive.stem }
        switch change {
        case .eToIe: return changed(infinitive.stem, .eToI)
        case .oToUe: return closed(infinitive.stem)
        default: return infinitive.stem
        }
    }

    /// A stem with its last o closed to u: durm.
    func closed(_ stem: String) -> String {
        guard let index = stem.lastIndex(of: "o") else { return stem }
        return stem[..<index] + "u" + stem[stem.index(after: index)...]
    }

    /// The stem as it is written before the ending, so that it sounds as before.
    private func spelled(_ stem: String, of infinitive: Infinitive) -> String {
        let text = infinitive.text
        switch infinitive.conjugation {
        case .ar:
            if stem.hasSuffix("gu") { return stem.dropLast(2) + "gü" }
            if stem.hasSuffix("c") { return stem.dropLast() + "qu" }
            if stem.hasSuffix("g") { return stem + "u" }
            if stem.hasSuffix("z") { return stem.dropLast() + "c" }
            return stem
        case .er, .ir:
            if stem.hasSuffix("gü") { return stem.dropLast() + "uy" }
            if stem.hasSuffix("gu") { return String(stem.dropLast()) }
            if stem.hasSuffix("qu") { return stem.dropLast(2) + "c" }
            if stem.hasSuffix("g") { return stem.dropLast() + "j" }
            if stem.hasSuffix("c") {
                let afterVowel = stem.dropLast().last.map { "aeiou".contains($0) } ?? false
                let takesZC = afterVowel && !VerbLexicon.plainZ.contains(text)
                return stem.dropLast() + (takesZC ? "zc" : "z")
            }
            if infinitive.conjugation == .ir, stem.hasSuffix("u") { return stem + "y" }
            return stem
        }
    }

    func ending(_ infinitive: Infinitive, _ person: GrammaticalPerson) -> String {
        let isFirst = infinitive.conjugation == .ar
        return switch person {
        case .yo, .el: isFirst ? "e" : "a"
        case .tu, .vos: isFirst ? "es" : "as"
        case .nosotros: isFirst ? "emos" : "amos"
        case .vosotros: isFirst ? "éis" : "áis"
        case .ellos: isFirst ? "en" : "an"
        }
    }
}

extension String {
    func replacingSuffix(_ suffix: String, by other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self
    }
}
