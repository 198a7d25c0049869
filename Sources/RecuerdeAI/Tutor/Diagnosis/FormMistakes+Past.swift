extension FormMistakes {
    /// Mistakes in the imperfect and the future subjunctive, which start from the same stem.
    func inPast(_ person: GrammaticalPerson) -> AnswerDiagnosis? {
        let changes = verb.changes.compactMap { $0 }
        if verb.irregularity?.past != nil {
            // dijiera: after j the i is lost.
            if let past = verb.irregularity?.past, past.hasSuffix("je"),
                isPast([verb.prefix + past.dropLast() + "ie"], person)
            {
                return .missedSpelling
            }
            for keepsSound in [true, false] {
                if isForm(person, changes: [nil] + verb.changes, keepsSound: keepsSound) { return .regularised }
            }
            if isPast(stressedStems(changes), person) { return .regularised }
        } else {
            if isForm(person, changes: verb.changes, keepsSound: false) { return .missedSpelling }
            if !changes.isEmpty, isForm(person, changes: [nil]) { return .missedStemChange }
            if isPast(stressedStems(changes), person) {
                return infinitive.conjugation == .ir && changes.contains { $0.closedVowel != nil }
                    ? .otherStemChange : .needlessStemChange
            }
            if isPast(stressedStems(Self.everyChange.compactMap { $0 }), person)
                || isForm(person, changes: Self.everyChange)
            {
                return changes.isEmpty ? .needlessStemChange : .otherStemChange
            }
        }
        return isPast(stemsOfOtherClass, person) ? .otherEndingClass : nil
    }

    /// Whether the answer is made of one of these stems, which stand for that of the preterite.
    private func isPast(_ stems: [String], _ person: GrammaticalPerson) -> Bool {
        stems.contains { stem in
            let past = Verb(infinitive, irregularity: Irregularity(past: stem))
            return isAmong(past.forms(target.tense, person))
        }
    }

    /// The stem with the vowel of the present: cuentara, duermiera.
    private func stressedStems(_ changes: [StemChange]) -> [String] {
        changes.map { $0.stressed(verb.stem) + (infinitive.conjugation == .ar ? "a" : "ie") }
    }

    /// The stem with the vowel of another conjugation: comara, hablieran, tuvara.
    private var stemsOfOtherClass: [String] {
        var stems = [verb.stem]
        if let past = verb.irregularity?.past {
            stems.append(verb.prefix + (past.hasSuffix("ie") ? past.dropLast(2) : past.dropLast()))
        } else if infinitive.conjugation == .ir {
            stems += verb.changes.compactMap { $0?.closed(verb.stem) }
        }
        return stems.flatMap { stem in ["a", "ie", "e"].map { stem + $0 } }
    }
}
