/// What asks for the subjunctive: classes of triggers, each with phrases and a reason in one sentence.
struct TriggerCatalogue: Sendable {
    /// A class of triggers.
    struct Class: Sendable {
        /// Folded phrases (lower case, no accents); a phrase matches where its words follow each other.
        let phrases: [String]
        let reasonEnglish: String
        let reasonSpanish: String

        func reason(in language: Language) -> String {
            language == .english ? reasonEnglish : reasonSpanish
        }
    }

    static let classes: [Class] = [
        Class(
            phrases: [
                "quiero que", "quieres que", "quiere que", "queremos que", "quieren que", "queria que", "quisiera que",
                "espero que", "esperamos que", "esperaba que", "deseo que", "desea que", "prefiero que", "prefiere que",
                "necesito que", "necesita que",
            ],
            reasonEnglish: "The main clause wishes for something that somebody else is to do.",
            reasonSpanish: "La oración principal expresa un deseo sobre lo que hace otra persona."
        ),
        Class(
            phrases: ["ojala"],
            reasonEnglish: "Ojalá voices a hope, and nothing but the subjunctive follows it.",
            reasonSpanish: "Ojalá expresa un deseo y siempre pide subjuntivo."
        ),
        Class(
            phrases: [
                "me alegro de que", "me alegra que", "lamento que", "temo que", "me gusta que", "me molesta que",
                "me sorprende que", "me encanta que", "me preocupa que", "tengo miedo de que", "es una lastima que",
                "me da pena que", "me pone triste que", "me gustaria que",
            ],
            reasonEnglish: "The main clause shows a feeling about what happens in the other one.",
            reasonSpanish: "La oración principal muestra un sentimiento ante lo que ocurre en la otra."
        ),
        Class(
            phrases: [
                "es importante que", "es necesario que", "es posible que", "es imposible que", "es mejor que",
                "es probable que", "es bueno que", "es malo que", "es increible que", "es extrano que", "es raro que",
                "es preciso que", "es natural que", "es urgente que", "es esencial que", "hace falta que",
                "conviene que", "puede que", "era importante que", "era necesario que",
            ],
            reasonEnglish: "An impersonal expression judges the action instead of reporting it.",
            reasonSpanish: "Una expresión impersonal valora la acción en vez de informar sobre ella."
        ),
        Class(
            phrases: [
                "recomiendo que", "recomienda que", "sugiero que", "sugiere que", "aconsejo que", "aconseja que",
                "pido que", "pide que", "insisto en que", "insiste en que", "exijo que", "prohibo que", "permito que",
                "propongo que", "mando que", "ordeno que", "ruego que",
            ],
            reasonEnglish: "The main clause tries to influence what somebody else does.",
            reasonSpanish: "La oración principal intenta influir en lo que hace otra persona."
        ),
        Class(
            phrases: [
                "dudo que", "duda que", "dudaba que", "no creo que", "no cree que", "no pienso que", "no es verdad que",
                "no es cierto que", "no estoy seguro de que", "no estoy segura de que", "niego que", "no parece que",
                "no digo que", "no es que", "no creia que",
            ],
            reasonEnglish: "The main clause doubts or denies, so the action is not stated as a fact.",
            reasonSpanish: "La oración principal duda o niega, así que la acción no se presenta como un hecho."
        ),
        Class(
            phrases: ["para que", "a fin de que", "con el fin de que"],
            reasonEnglish: "The conjunction names a purpose, something still to be achieved.",
            reasonSpanish: "La conjunción indica una finalidad, algo que aún no se ha logrado."
        ),
        Class(
            phrases: ["a menos que", "con tal de que", "con tal que", "sin que", "en caso de que", "a no ser que"],
            reasonEnglish: "The conjunction sets a condition, and the action may or may not happen.",
            reasonSpanish: "La conjunción marca una condición: la acción puede ocurrir o no."
        ),
        Class(
            phrases: ["antes de que"],
            reasonEnglish: "What comes after this conjunction has not happened yet.",
            reasonSpanish: "Lo que sigue a esta conjunción todavía no ha ocurrido."
        ),
        Class(
            phrases: ["cuando", "hasta que", "tan pronto como", "en cuanto", "despues de que", "una vez que"],
            reasonEnglish: "The time clause looks ahead to something that has not happened yet.",
            reasonSpanish: "La oración temporal mira hacia algo que todavía no ha ocurrido."
        ),
        Class(
            phrases: [
                "no hay nadie que", "no hay nada que", "no conozco a nadie que", "busco a alguien que",
                "hay alguien que",
                "busco un", "busco una", "necesito un", "necesito una",
            ],
            reasonEnglish: "The clause describes somebody or something unknown, or that does not exist.",
            reasonSpanish: "La oración describe a alguien o algo desconocido, o que no existe."
        ),
        Class(
            phrases: ["como si"],
            reasonEnglish: "Como si compares with something unreal.",
            reasonSpanish: "Como si compara con algo irreal."
        ),
    ]

    /// The class whose longest phrase occurs in a trigger, or else in a sentence; nil where none does.
    func match(trigger: String, sentence: String?) -> Class? {
        match(trigger) ?? sentence.flatMap(match)
    }

    private func match(_ text: String) -> Class? {
        let words = FoldedText.words(text)
        var best: (class: Class, length: Int)?
        for candidate in Self.classes {
            for phrase in candidate.phrases {
                let phraseWords = phrase.split(separator: " ").map(String.init)
                guard phraseWords.count > (best?.length ?? 0), FoldedText.contains(phraseWords, in: words) else {
                    continue
                }
                best = (candidate, phraseWords.count)
            }
        }
        return best?.class
    }
}
