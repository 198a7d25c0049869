extension Conjugator {
    /// The forms of an unknown verb in a simple tense, if it is made of an irregular verb with something before it
    /// (`satisfacer`, `anteponer`, `desoír`), or has a stem such as those of `roer` and `asir`.
    func formsAsDerived(
        _ infinitive: Infinitive,
        _ tense: SubjunctiveTense,
        _ person: GrammaticalPerson
    ) -> Set<String> {
        let text = infinitive.text
        var stems: Set<String> = []
        switch tense {
        case .present:
            stems = Self.derivedStems(text, VerbLexicon.presentStems)
            // roer: roiga, roya; asir: asga.
            stems.formUnion([infinitive.stem + "ig", infinitive.stem + "y", infinitive.stem + "g"])
        case .imperfect:
            stems = Self.derivedStems(text, VerbLexicon.pastStems)
        case .presentPerfect, .pluperfect:
            return []
        }
        return stems.reduce(into: []) { forms, stem in
            switch tense {
            case .imperfect: forms.formUnion(imperfect(stem: stem, person))
            default:
                forms.insert(stem + ending(infinitive, person))
                if person == .vos { forms.insert(stem + (infinitive.conjugation == .ar ? "és" : "ás")) }
            }
        }
    }

    private static func derivedStems(_ text: String, _ stems: [String: String]) -> Set<String> {
        // The f of satisfacer is the h of hacer, as it once was.
        if text.hasSuffix("facer"), let stem = stems["hacer"] { return ["\(text.dropLast(4))\(stem.dropFirst())"] }
        return Set(
            stems.compactMap { base, stem in
                // Every verb in -ir ends in ir.
                base.count > 2 && text.count > base.count && text.hasSuffix(base)
                    ? "\(text.dropLast(base.count))\(stem)" : nil
            }
        )
    }
}
