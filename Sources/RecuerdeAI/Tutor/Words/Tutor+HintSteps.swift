extension Tutor {
    /// What the third level adds: a form to start from, which is not the answer, and what to mind in the ending.
    func steps(_ exercise: Exercise, _ tense: SubjunctiveTense?, _ language: Language) -> [String] {
        guard let tense, let verb = Infinitive(exercise.verb).flatMap(Verb.init(known:)) else { return [] }
        let person = GrammaticalPerson(name: exercise.person)
        return [start(verb, tense, person, language), person.map { ending($0, tense, language) }].compactMap(\.self)
    }

    private func start(
        _ verb: Verb,
        _ tense: SubjunctiveTense,
        _ person: GrammaticalPerson?,
        _ language: Language
    ) -> String? {
        if tense.auxiliary != nil {
            let participle = verb.participles.first ?? verb.regularParticiple
            let isIrregular = participle != verb.regularParticiple
            return language == .english
                ? "The participle is \(isIrregular ? "irregular" : "regular"): «\(participle)»."
                : "El participio es \(isIrregular ? "irregular" : "regular"): «\(participle)»."
        }
        if tense != .present {
            return verb.forms(IndicativeTense.preterite, .ellos).first.map { form in
                language == .english
                    ? "That form of the preterite is «\(form)»." : "Esa forma del pretérito es «\(form)»."
            }
        }
        switch verb.infinitive.base {
        case "dar", "estar":
            return language == .english ? "The stem is that of the infinitive." : "La raíz es la del infinitivo."
        case "ser", "ir", "haber", "saber":
            return language == .english
                ? "All persons share one stem, which differs from that of the infinitive."
                : "Todas las personas comparten una raíz, distinta de la del infinitivo."
        default:
            if verb.infinitive.lacksYo {
                return verb.presentIndicative(.el).first.map { form in
                    language == .english
                        ? "The él form of the present is «\(form)»." : "La forma de él del presente es «\(form)»."
                }
            }
            return verb.yoForms.first.map { startFromYo($0, verb, person, language) }
        }
    }

    /// The yo form, to start from or, in the persons whose stem is another one, not to.
    private func startFromYo(_ yo: String, _ verb: Verb, _ person: GrammaticalPerson?, _ language: Language) -> String {
        // Vos has forms of both kinds, and the one with the stem of yo is taught first.
        let isStressed = person == .vos || person?.isStemStressed ?? true
        let ofYo = verb.presentSubjunctiveStems(isStressed: true).map(Orthography.withoutAccents)
        let leads = isStressed || verb.presentSubjunctiveStems(isStressed: false).contains(where: ofYo.contains)
        switch (leads, language) {
        case (true, .english): return "The yo form of the present is «\(yo)»."
        case (true, .spanish): return "La forma de yo del presente es «\(yo)»."
        case (false, .english):
            return "The yo form of the present, «\(yo)», has the vowel of the persons that stress the stem."
        case (false, .spanish):
            return
                "La forma de yo del presente, «\(yo)», tiene la vocal de las personas que llevan el acento en la raíz."
        }
    }

    /// What the ending has at its end in a person, besides the vowel that the pattern names.
    private func ending(_ person: GrammaticalPerson, _ tense: SubjunctiveTense, _ language: Language) -> String {
        let isCompound = tense.auxiliary != nil
        // The form of haber is not the answer, and that of the verb is only told by its end.
        let form =
            switch (isCompound, language) {
            case (true, .english): "the form of haber"
            case (false, .english): "the form"
            case (true, .spanish): "la forma de haber"
            case (false, .spanish): "la forma"
            }
        let pronoun = person.pronoun
        // habláramos, hubiéramos, habláremos.
        let isAccented = person == .nosotros && tense != .present && tense != .presentPerfect
        let last: String? =
            switch person {
            case .yo, .el: nil
            case .tu, .vos: "-s"
            case .nosotros: "-mos"
            case .vosotros: "-is"
            case .ellos: "-n"
            }
        switch language {
        case .english:
            return "For \(pronoun), \(form) ends in \(last ?? "a vowel")"
                + (isAccented ? " and bears a written accent." : ".")
        case .spanish:
            return "Para \(pronoun), \(form) termina en \(last ?? "vocal")" + (isAccented ? " y lleva tilde." : ".")
        }
    }
}
