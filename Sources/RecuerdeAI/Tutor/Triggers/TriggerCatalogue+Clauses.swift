extension TriggerCatalogue {
    static let classes: [Class] = ofWill + ofJudgement + ofConjunctions + ofTime + ofSpan + ofRelatives + lookalikes

    private static let condition: Words = (
        "The conjunction sets a condition, which may or may not be met.",
        "La conjunción marca una condición, que puede cumplirse o no."
    )

    /// Conjunctions that ask for the subjunctive whatever is meant, and those of concession and condition.
    private static let ofConjunctions: [Class] = [
        Class(
            "para que\na fin de que\ncon el fin de que\ncon el objetivo de que\ncon el proposito de que",
            holdsNegated: true,
            reason: (
                "The conjunction names a purpose, not a fact.",
                "La conjunción indica una finalidad, no un hecho."
            )
        ),
        Class(
            "de modo que\nde manera que\nde forma que",
            holdsNegated: true,
            reason: (
                "With the subjunctive, this conjunction names a purpose: what the main action is meant to bring about.",
                "Con subjuntivo, esta conjunción indica una finalidad: lo que se busca con la acción principal."
            ),
            indicative: (
                "for a result that is a fact, it takes the indicative",
                "para una consecuencia real, pide indicativo"
            )
        ),
        Class(
            """
            a menos que
            con tal de que
            con tal que
            en caso de que
            en el caso de que
            a no ser que
            siempre y cuando
            a condicion de que
            """,
            holdsNegated: true,
            reason: condition
        ),
        Class(
            "salvo que\nexcepto que",
            holdsNegated: true,
            reason: condition,
            indicative: (
                "an exception that is a fact takes the indicative",
                "una excepción real pide indicativo"
            )
        ),
        Class(
            "sin que",
            isTurnedByAnyNegation: true,
            reason: (
                "«Sin que» says that the second action does not accompany the first, and always takes the subjunctive.",
                "«Sin que» dice que la segunda acción no acompaña a la primera, y siempre pide subjuntivo."
            )
        ),
        Class(
            "en lugar de que\nen vez de que",
            holdsNegated: true,
            reason: (
                "The conjunction speaks of what does not happen, so the subjunctive follows it.",
                "La conjunción habla de lo que no ocurre, así que pide subjuntivo."
            )
        ),
        Class(
            "por miedo a que\npor temor a que",
            holdsNegated: true,
            reason: (
                "The expression speaks of a fear, not of a fact.",
                "La expresión habla de un temor, no de un hecho."
            )
        ),
        Class(
            "como si",
            holdsNegated: true,
            reason: ("Como si compares with something unreal.", "Como si compara con algo irreal.")
        ),
        Class(
            "si",
            holdsNegated: true,
            tenses: [.imperfect, .pluperfect],
            isInitial: true,
            reason: (
                "In the subjunctive, the si clause sets a condition that is unlikely or contrary to the facts.",
                "Con subjuntivo, la oración con si plantea una condición poco probable o contraria a los hechos."
            ),
            indicative: (
                "a real condition takes the indicative",
                "una condición real pide indicativo"
            )
        ),
        Class(
            "aunque\na pesar de que\npor mas que\npor mucho que",
            holdsNegated: true,
            reason: (
                "With the subjunctive, the concession is only supposed or is not presented as news.",
                "Con subjuntivo, la concesión es solo supuesta o no se presenta como información nueva."
            ),
            indicative: (
                "the indicative states it as a fact",
                "el indicativo la afirma como un hecho"
            )
        ),
    ]

    /// Conjunctions of time, which look ahead with the subjunctive.
    private static let ofTime: [Class] = [
        Class(
            "antes de que\nantes que",
            holdsNegated: true,
            reason: (
                "When the main action takes place, what follows this conjunction is yet to come, so the subjunctive "
                    + "always follows it.",
                "Lo que sigue a esta conjunción es posterior a la acción principal, así que siempre pide subjuntivo."
            )
        ),
        Class(
            """
            cuando
            hasta que
            tan pronto como
            tan pronto
            en cuanto
            una vez que
            apenas
            luego que
            cada vez que
            a medida que
            """,
            holdsNegated: true,
            reason: lookingAhead,
            indicative: habits
        ),
        Class(
            "despues de que\ndesde que",
            holdsNegated: true,
            tenses: [.present, .presentPerfect],
            reason: lookingAhead,
            indicative: habits
        ),
    ]

    private static let ofSpan: [Class] = [
        Class(
            "mientras",
            holdsNegated: true,
            tenses: [.present, .presentPerfect],
            reason: (
                "With the subjunctive, mientras speaks of a span of time that is still open, or sets a condition.",
                "Con subjuntivo, «mientras» habla de un tiempo todavía abierto o plantea una condición."
            ),
            indicative: forFacts
        ),
        Class(
            "siempre que",
            holdsNegated: true,
            tenses: [.present, .presentPerfect],
            reason: (
                "With the subjunctive, siempre que mostly sets a condition for the main clause.",
                "Con subjuntivo, «siempre que» suele plantear una condición para la oración principal."
            ),
            indicative: forFacts
        ),
    ]

    private static let forFacts: Words = (
        "for facts and habits it takes the indicative",
        "para hechos y hábitos, pide indicativo"
    )

    private static let lookingAhead: Words = (
        "The time clause looks ahead: seen from the main clause, its action has not happened yet.",
        "La oración temporal mira hacia delante: vista desde la principal, su acción aún no ha ocurrido."
    )

    private static let habits: Words = (
        "habits and what has already happened take the indicative",
        "los hábitos y lo ya ocurrido piden indicativo"
    )

    private static let open: Words = (
        "The expression leaves open which one is meant, so the subjunctive follows.",
        "La expresión deja abierto de cuál se trata, así que pide subjuntivo."
    )

    /// Relative clauses about somebody or something that is unknown or does not exist.
    private static let ofRelatives: [Class] = [
        Class(
            """
            no hay nadie (~) que
            no hay nada (~) que
            no hay ningun|ninguna (~) que
            no {conocer} a nadie (~) que
            no {conocer} ningun|ninguna (~) que
            no {tener} ningun|ninguna|nada (~) que
            no {existir} ningun|ninguna|nadie|nada (~) que
            no {encontrar} ningun|ninguna|nada|nadie (~) que
            """,
            holdsNegated: true,
            reason: (
                "The relative clause describes somebody or something that does not exist, as far as the speaker says.",
                "La oración de relativo describe a alguien o algo que, según el hablante, no existe."
            )
        ),
        Class(
            """
            {buscar} (a) alguien (que)
            {necesitar} (a) alguien (que)
            {querer} (a) alguien que
            {buscar} algo que
            {necesitar} algo que
            {buscar} un|una (~) (que)
            {necesitar} un|una (~) (que)
            {querer} un|una ~ que
            {preferir} un|una ~ que
            """,
            reason: (
                "The relative clause describes somebody or something unknown, not found so far.",
                "La oración de relativo describe a alguien o algo desconocido, que no se ha encontrado todavía."
            ),
            indicative: (
                "somebody or something that one knows takes the indicative",
                "alguien o algo que ya se conoce pide indicativo"
            )
        ),
        Class(
            "cualquiera que\ncualquier ~ que\nquienquiera que",
            holdsNegated: true,
            reason: open
        ),
        Class(
            "dondequiera que",
            holdsNegated: true,
            reason: open,
            indicative: habits
        ),
        Class(
            "comoquiera que",
            holdsNegated: true,
            reason: open,
            indicative: (
                "in the sense of «since», it takes the indicative",
                "con el sentido de «puesto que», pide indicativo"
            )
        ),
    ]

    /// Expressions with the words of a trigger that are none, or of which nothing certain can be said.
    private static let lookalikes: [Class] = [
        Class(
            """
            aun cuando
            de vez en cuando
            de cuando en cuando
            en cuanto a
            cuando mas
            cuando menos
            desde cuando
            hasta cuando
            mientras que
            mientras tanto
            si no
            por si
            apenas si
            sin duda que
            a no ser
            tan pronto que
            """,
            holdsNegated: true,
            reason: nil
        )
    ]
}
