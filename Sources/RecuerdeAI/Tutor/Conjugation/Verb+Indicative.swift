extension Verb {
    func imperfectIndicative(_ person: GrammaticalPerson) -> [String] {
        if let yo = irregularity?.imperfect {
            return [Self.personal(prefix + yo, person)]
        }
        return [Self.personal(stem + (infinitive.conjugation == .ar ? "aba" : "ía"), person)]
    }

    /// The forms of an imperfect or a conditional, which yo and él share.
    private static func personal(_ yo: String, _ person: GrammaticalPerson) -> String {
        switch person {
        case .yo, .el: yo
        case .tu, .vos: yo + "s"
        case .nosotros: accentingThird(yo) + "mos"
        case .vosotros: yo + "is"
        case .ellos: yo + "n"
        }
    }

    /// hablaba, hablábamos; era, éramos; what has an accent already keeps it.
    private static func accentingThird(_ yo: String) -> String {
        guard !yo.contains(where: { "áéíóú".contains($0) }),
            let index = yo.dropLast().lastIndex(where: Orthography.vowels.contains)
        else { return yo }
        return Orthography.accentingEnd(String(yo[...index])) + yo[yo.index(after: index)...]
    }

    /// The future and the conditional, by their endings in the order of ``GrammaticalPerson``.
    func ofFutureStem(_ endings: [String], _ person: GrammaticalPerson) -> [String] {
        guard endings.indices.contains(person.rawValue) else { return [] }
        let regular = Orthography.withoutAccents(infinitive.text)
        var stems = [irregularity?.future.map { prefix + $0 } ?? regular]
        // What is made of decir has both: predeciré, prediré.
        if infinitive.text.hasSuffix("decir"), !prefix.isEmpty { stems.append(regular) }
        if let stem = irregularity?.stem { stems.append(prefix + stem + "ir") }
        return stems.unique.map { $0 + endings[person.rawValue] }
    }

    /// The imperatives that are no forms of the subjunctive: those of tú, vosotros and vos.
    var imperatives: [String] {
        var tu = presentIndicative(.el)
        // contradice, predice: only decir itself has the short form (DPD).
        let isOfDecir = !prefix.isEmpty && irregularity?.imperative == "di"
        if let imperative = irregularity?.imperative, !isOfDecir {
            // detén, propón, prevén: not one syllable any more.
            let isStressed = !prefix.isEmpty && imperative.hasSuffix("n")
            let vowel = imperative.dropLast()
            tu = [prefix + (isStressed ? Orthography.accentingEnd(String(vowel)) + "n" : imperative)]
        }
        let plural = stem + infinitive.text.suffix(2).prefix(1) + "d"
        // Ser has sé as tú has, and ir takes andá of andar.
        guard !["ser", "ir"].contains(infinitive.text) else { return tu + [plural] }
        let vowel =
            switch infinitive.conjugation {
            case .ar: "á"
            case .er: "é"
            case .ir: "í"
            }
        return (tu + [plural, Orthography.join(stem, vowel)]).unique
    }
}
