extension Verb {
    /// The imperfect or the future subjunctive, by the marks of its endings: -ra and -se, or -re.
    func pastSubjunctive(_ marks: [String], _ person: GrammaticalPerson) -> [String] {
        pastStems.flatMap { stem in
            marks.map { mark in
                switch person {
                case .yo, .el: stem + mark
                case .tu, .vos: stem + mark + "s"
                case .nosotros: Orthography.accentingEnd(stem) + mark + "mos"
                case .vosotros: stem + mark + "is"
                case .ellos: stem + mark + "n"
                }
            }
        }
    }

    /// The third person plural of the preterite without its -ron, from which these tenses are formed.
    var pastStems: [String] {
        if let past = irregularity?.past { return [prefix + past] }
        return weakPastStems
    }

    /// The same as the rules give it, which is also where the gerund comes from.
    private var weakPastStems: [String] {
        guard infinitive.conjugation != .ar else { return [stem + "a"] }
        return changes.map { change in
            let stem = isIr ? change?.closed(stem) ?? stem : stem
            // The i of the ending becomes y between vowels and is lost after ñ, ll and i.
            if keepsSound {
                if stem.hasSuffix("gü") { return stem.dropLast() + "uye" }
                let isGlide = stem.hasSuffix("gu") || stem.hasSuffix("qu")
                if !isGlide, let last = stem.last, "aeou".contains(last) { return stem + "ye" }
                if stem.hasSuffix("ñ") || stem.hasSuffix("ll") || stem.hasSuffix("i") { return stem + "e" }
            }
            return stem + "ie"
        }.unique
    }

    func preterite(_ person: GrammaticalPerson) -> [String] {
        guard let past = irregularity?.past else { return weakPreterite(person) }
        // tuvie, dije, fue: the endings are not stressed in yo and él.
        let stem = prefix + (past.hasSuffix("ie") ? past.dropLast(2) : past.dropLast())
        let iste = stem + "iste"
        switch person {
        case .yo: return [strong(irregularity?.strongPast?.yo) ?? stem + "e"]
        case .el: return [strong(irregularity?.strongPast?.el) ?? stem + "o"]
        case .tu, .vos: return [iste]
        case .nosotros: return [iste.dropLast(3) + "mos"]
        case .vosotros: return [iste + "is"]
        case .ellos: return [prefix + past + "ron"]
        }
    }

    /// A form of a strong preterite with what stands before it; the i after another vowel has an accent: rehíce.
    private func strong(_ form: String?) -> String? {
        form.map { form in
            guard let last = prefix.last, "aeo".contains(last), form.hasPrefix("hi") else { return prefix + form }
            return prefix + "hí" + form.dropFirst(2)
        }
    }

    private func weakPreterite(_ person: GrammaticalPerson) -> [String] {
        if infinitive.conjugation == .ar {
            let forms = ["é", "aste", "ó", "amos", "asteis", "aron", "aste"]
            guard forms.indices.contains(person.rawValue) else { return [] }
            let isYo = person == .yo
            return [Orthography.join(isYo && keepsSound ? Orthography.beforeE(stem) : stem, forms[person.rawValue])]
        }
        let i = Orthography.needsAccentedI(after: stem) ? "í" : "i"
        return switch person {
        case .yo: [Orthography.join(stem, "í")]
        case .tu, .vos: ["\(stem)\(i)ste"]
        case .el: pastStems.map { Orthography.join(String($0.dropLast()), "ó") }
        case .nosotros: ["\(stem)\(i)mos"]
        case .vosotros: ["\(stem)\(i)steis"]
        case .ellos: pastStems.map { $0 + "ron" }
        }
    }

    /// The gerund: hablando, sintiendo, yendo.
    var gerunds: [String] {
        if let gerund = irregularity?.gerund { return [prefix + gerund] }
        return weakPastStems.map { $0 + "ndo" }
    }
}
