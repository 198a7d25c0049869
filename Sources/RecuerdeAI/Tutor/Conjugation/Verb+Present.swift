extension Verb {
    private static let subjunctiveAr = ["e", "es", "e", "emos", "éis", "en"]
    private static let subjunctiveEr = ["a", "as", "a", "amos", "áis", "an"]
    private static let stressedSubjunctiveAr = ["é", "és", "é", "emos", "éis", "én"]

    /// The endings of the present subjunctive, in the order of ``GrammaticalPerson`` without vos.
    var presentSubjunctiveEndings: [String] {
        guard infinitive.conjugation == .ar else { return Self.subjunctiveEr }
        return irregularity?.stressesEndings == true ? Self.stressedSubjunctiveAr : Self.subjunctiveAr
    }

    func presentSubjunctive(_ person: GrammaticalPerson) -> [String] {
        if person == .vos {
            // Usage has both: the form of tú, and the one that is stressed at its end, which is that of vosotros
            // without its i.
            let plural = presentSubjunctive(.vosotros).map { form in
                form.replacingSuffix("éis", by: "és").replacingSuffix("áis", by: "ás")
                    .replacingSuffix("eis", by: "es").replacingSuffix("ais", by: "as")
            }
            return (presentSubjunctive(.tu) + plural).unique
        }
        let endings = presentSubjunctiveEndings
        guard endings.indices.contains(person.rawValue) else { return [] }
        let ending = endings[person.rawValue]
        // The accent tells dé from the preposition.
        if irregularity?.stressesEndings == true, infinitive.text == "dar", ending == "é" { return ["dé"] }
        return presentSubjunctiveStems(isStressed: person.isStemStressed).map { Orthography.join($0, ending) }
    }

    /// The stems of the present subjunctive as they are written before its endings.
    func presentSubjunctiveStems(isStressed: Bool) -> [String] {
        if let stems = irregularity?.presentStems, !stems.isEmpty { return stems.map { prefix + $0 } }
        let stems = vowelStems(isStressed: isStressed, closes: true)
        return stems.map { infinitive.conjugation == .ar ? beforeE($0) : beforeA($0) }.unique
    }

    /// The stems with their vowels as they are in the present, written as in the infinitive.
    ///
    /// - Parameters:
    ///   - isStressed: Whether the stress lies on the stem.
    ///   - closes: Whether verbs in -ir close their vowel where it does not, as they do before a.
    func vowelStems(isStressed: Bool, closes: Bool) -> [String] {
        changes.flatMap { change -> [String] in
            guard isStressed else { return [closes && isIr ? change?.closed(stem) ?? stem : stem] }
            let changed = change?.stressed(stem) ?? stem
            // reír: the i of río is a syllable of its own.
            if isIr, change == .eToI, changed.last == "i" { return [Orthography.accentingHighVowel(changed)] }
            switch accent {
            case .none: return [changed]
            case .written: return [Orthography.accentingHighVowel(changed)]
            case .optional: return [changed, Orthography.accentingHighVowel(changed)]
            }
        }.unique
    }

    func presentIndicative(_ person: GrammaticalPerson) -> [String] {
        if let table = irregularity?.present, table.indices.contains(person.rawValue) {
            return [prefix + table[person.rawValue]]
        }
        if person == .yo { return yoForms }
        let endings = presentIndicativeEndings
        guard endings.indices.contains(person.rawValue) else { return [] }
        var ending = endings[person.rawValue]
        if irregularity?.stressesEndings == true {
            ending = ["as": "ás", "a": "á", "an": "án", "es": "és", "e": "é", "en": "én"][ending] ?? ending
        }
        guard person.isStemStressed else {
            if isIr, Orthography.needsAccentedI(after: stem) { ending = ending.replacingPrefix("imos", by: "ímos") }
            return [Orthography.join(stem, ending)]
        }
        // A y between u or o and a vowel: huyes, oyes, arguyes.
        return vowelStems(isStressed: true, closes: false).map { stem in
            if isIr, stem.hasSuffix("gü") { return stem.dropLast() + "uy" + ending }
            let isGlide = stem.hasSuffix("gu") || stem.hasSuffix("qu")
            if isIr, !isGlide, let last = stem.last, "uoú".contains(last) { return stem + "y" + ending }
            return Orthography.join(stem, ending)
        }.unique
    }

    private var presentIndicativeEndings: [String] {
        switch infinitive.conjugation {
        case .ar: ["o", "as", "a", "amos", "áis", "an", "ás"]
        case .er: ["o", "es", "e", "emos", "éis", "en", "és"]
        case .ir: ["o", "es", "e", "imos", "ís", "en", "ís"]
        }
    }

    /// The forms of yo in the present indicative, from which the present subjunctive starts.
    var yoForms: [String] {
        if let forms = irregularity?.yo, !forms.isEmpty { return forms.map { prefix + $0 } }
        if let stems = irregularity?.presentStems, !stems.isEmpty { return stems.map { "\(prefix)\($0)o" } }
        return vowelStems(isStressed: true, closes: false)
            .map { (infinitive.conjugation == .ar ? $0 : beforeA($0)) + "o" }.unique
    }

    var isIr: Bool { infinitive.conjugation == .ir }

    private func beforeE(_ stem: String) -> String {
        keepsSound ? Orthography.beforeE(stem) : stem
    }

    private func beforeA(_ stem: String) -> String {
        guard keepsSound else { return stem }
        return Orthography.beforeA(stem, isIr: isIr, takesZc: !VerbLexicon.plainZ.contains(infinitive.text))
    }
}

extension String {
    func replacingSuffix(_ suffix: String, by other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self
    }

    func replacingPrefix(_ prefix: String, by other: String) -> String {
        hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
    }
}
