extension Tutor {
    /// Where the stem of a present subjunctive comes from.
    private enum Stem {
        /// That of the yo form, in every person.
        case ofYo
        /// That of the infinitive, its vowel included.
        case ofInfinitive
        /// That of the infinitive with its vowel closed, e to i or o to u.
        case closed(StemChange)
        /// That of the yo form without its accent.
        case ofYoWithoutAccent
        /// One or the other: of a person that is not said, and of vos, which has forms of both kinds.
        case byStress(StemChange)
        /// The same of an accent.
        case byStressOfAccent
        /// That of the yo form, with a warning, since the verb is not known.
        case unknown
    }

    /// How the present subjunctive comes about; in the persons whose stem is not stressed that is not the yo form.
    func presentPattern(
        _ infinitive: Infinitive,
        _ person: GrammaticalPerson?,
        _ language: Language
    ) -> String {
        if ["dar", "estar"].contains(infinitive.text) {
            return language == .english
                ? "In this verb the stress always falls on the ending, which has \(Self.vowel(infinitive)): ask yourself "
                    + "whether it needs a written accent."
                : "En este verbo el acento cae siempre en la terminación, que tiene \(Self.vowel(infinitive)): pregúntate "
                    + "si lleva tilde."
        }
        if infinitive.hasOwnStem {
            return language == .english
                ? "This verb is irregular in the present subjunctive: recall its own stem."
                : "Es un verbo irregular en el presente de subjuntivo: recuerda su raíz propia."
        }
        let stem = stem(infinitive, person)
        let text = language == .english ? english(stem, infinitive) : spanish(stem, infinitive)
        guard let (before, after) = spelling(stem, infinitive) else { return text }
        let vowel = Self.vowel(infinitive)
        return text
            + (language == .english
                ? " Mind the spelling: before \(vowel), \(before) is written \(after)."
                : " Cuidado con la ortografía: ante \(vowel), \(before) se escribe \(after).")
    }

    private func stem(_ infinitive: Infinitive, _ person: GrammaticalPerson?) -> Stem {
        guard let verb = Verb(known: infinitive) else { return .unknown }
        // The stem of tengo is that of every person.
        guard verb.irregularity?.presentStems.isEmpty ?? true else { return .ofYo }
        // Vos has forms of both kinds.
        let isStressed = person == .vos ? nil : person?.isStemStressed
        // Reír has an accent where the others that close their vowel have none: río, riamos.
        let isLikeReir = verb.changes == [.eToI] && infinitive.stem.hasSuffix("e")
        if verb.accent == .written || isLikeReir {
            return isStressed.map { $0 ? Stem.ofYo : .ofYoWithoutAccent } ?? .byStressOfAccent
        }
        guard let change = verb.changes.compactMap({ $0 }).first, verb.changes != [.eToI] else { return .ofYo }
        guard let isStressed else { return .byStress(change) }
        if isStressed { return .ofYo }
        return infinitive.conjugation == .ir && change.closedVowel != nil ? .closed(change) : .ofInfinitive
    }

    private func english(_ stem: Stem, _ infinitive: Infinitive) -> String {
        let ending = Self.ending(infinitive)
        let vowel = Self.vowel(infinitive)
        let base =
            "Start from the \(infinitive.lacksYo ? "él" : "yo") form of the present, drop its "
            + "\(infinitive.lacksYo ? "last vowel" : "-o"), and take an ending with \(vowel), "
            + "as verbs in \(ending) do."
        switch stem {
        case .ofYo: return base
        case .ofInfinitive:
            return "In this person the stem keeps the vowel of the infinitive: drop its \(ending) and take an ending "
                + "with \(vowel)."
        case .closed(let change):
            return "In this person the stem is not stressed, and its last \(Self.closing(change, "becomes")): drop the "
                + "\(ending) of the infinitive, change that vowel, and take an ending with \(vowel)."
        case .ofYoWithoutAccent:
            return "Start from the yo form of the present, drop its -o, write the stem without the accent, and take "
                + "an ending with \(vowel)."
        case .byStress(let change):
            let closes = infinitive.conjugation == .ir && change.closedVowel != nil
            return base + " The vowel changes so only where the stem is stressed; elsewhere "
                + (closes ? "its last \(Self.closing(change, "becomes"))." : "it is that of the infinitive.")
        case .byStressOfAccent:
            return base + " The stem has its accent only where the stem is stressed."
        case .unknown:
            return base + " If a vowel changes or has an accent in that form, check whether this person keeps it."
        }
    }

    private func spanish(_ stem: Stem, _ infinitive: Infinitive) -> String {
        let ending = Self.ending(infinitive)
        let vowel = Self.vowel(infinitive)
        let base =
            "Parte de la forma de \(infinitive.lacksYo ? "él" : "yo") del presente, quita la "
            + "\(infinitive.lacksYo ? "última vocal" : "-o") y pon una terminación con \(vowel), "
            + "como los verbos en \(ending)."
        switch stem {
        case .ofYo: return base
        case .ofInfinitive:
            return "En esta persona la raíz conserva la vocal del infinitivo: quita \(ending) y pon una terminación "
                + "con \(vowel)."
        case .closed(let change):
            return "En esta persona la raíz no lleva el acento y su última \(Self.closing(change, "pasa a")): quita "
                + "\(ending) del infinitivo, cambia esa vocal y pon una terminación con \(vowel)."
        case .ofYoWithoutAccent:
            return "Parte de la forma de yo del presente, quita la -o, escribe la raíz sin la tilde y pon una "
                + "terminación con \(vowel)."
        case .byStress(let change):
            let closes = infinitive.conjugation == .ir && change.closedVowel != nil
            return base + " La vocal solo cambia así donde el acento cae en la raíz; en las demás personas "
                + (closes ? "su última \(Self.closing(change, "pasa a"))." : "es la del infinitivo.")
        case .byStressOfAccent:
            return base + " La raíz solo lleva tilde donde el acento cae en ella."
        case .unknown:
            return base + " Si en esa forma cambia una vocal o hay una tilde, comprueba si esta persona la mantiene."
        }
    }

    private static func ending(_ infinitive: Infinitive) -> String {
        switch infinitive.conjugation {
        case .ar: "-ar"
        case .er: "-er"
        case .ir: "-ir"
        }
    }

    private static func vowel(_ infinitive: Infinitive) -> String {
        infinitive.conjugation == .ar ? "e" : "a"
    }

    private static func closing(_ change: StemChange, _ verb: String) -> String {
        change == .oToUe ? "o \(verb) u" : "e \(verb) i"
    }

    /// The last consonant of a stem as it is, and as it is written before the vowel of the ending.
    private func spelling(_ stem: Stem, _ infinitive: Infinitive) -> (String, String)? {
        guard infinitive.conjugation == .ar else {
            // Elsewhere the yo form is written so already: tuerzo, yergo.
            switch stem {
            case .ofInfinitive, .closed:
                return [("gu", "g"), ("c", "z")].first { infinitive.stem.hasSuffix($0.0) }
            default: return nil
            }
        }
        let changes = [("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")]
        return changes.first { infinitive.stem.hasSuffix($0.0) }
    }
}
