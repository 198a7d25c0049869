extension Conjugator {
    /// The forms of an unknown verb in a simple tense, if it is made of an irregular verb with something before it
    /// (`licuefacer`, `desposeer`), or has a stem such as those of `roer` and `asir`.
    func formsAsDerived(
        _ infinitive: Infinitive,
        _ tense: SubjunctiveTense,
        _ person: GrammaticalPerson
    ) -> [String] {
        guard tense.auxiliary == nil else { return [] }
        var stems: [String] = []
        if tense == .present {
            // roer: roiga, roya; asir: asga.
            stems = ["ig", "y", "g"].map { infinitive.stem + $0 }
        }
        var irregularities = [Irregularity(presentStems: stems)]
        for (base, irregularity) in VerbLexicon.irregular {
            if let prefix = Self.prefix(infinitive.text, base) {
                irregularities.append(irregularity.with(prefix: prefix))
            }
        }
        return irregularities.flatMap { irregularity in
            Verb(infinitive, irregularity: irregularity).forms(tense, person)
        }
    }

    private static func prefix(_ text: String, _ base: String) -> String? {
        // The f of satisfacer is the h of hacer, as it once was.
        if base == "satisfacer", text.hasSuffix("facer") { return String(text.dropLast(5)) }
        // Every verb in -ir ends in ir.
        guard base.count > 2, text.count > base.count, text.hasSuffix(base) else { return nil }
        return String(text.dropLast(base.count))
    }
}

extension Irregularity {
    /// The same stems with something before them.
    fileprivate func with(prefix: String) -> Irregularity {
        func cut(_ stem: String) -> String { stem.hasPrefix("satis") ? String(stem.dropFirst(5)) : stem }
        return Irregularity(
            presentStems: presentStems.map { prefix + cut($0) },
            stressesEndings: stressesEndings,
            past: past.map { prefix + cut($0) }
        )
    }
}
