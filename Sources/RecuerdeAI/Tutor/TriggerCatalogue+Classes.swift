extension TriggerCatalogue {
    static let classes: [Class] = [
        Class(
            phrases: [
                "quiero que", "quieres que", "quiere que", "queremos que", "quieren que", "queria que", "quisiera que",
                "espero que", "esperamos que", "esperaba que", "deseo que", "desea que", "prefiero que", "prefiere que",
                "no quiero que", "no quieres que", "no quiere que", "no queremos que", "no quieren que",
                "no queria que",
            ],
            reasons: (
                "The main clause expresses a wish or hope about what the other one says.",
                "La oración principal expresa un deseo o una esperanza sobre lo que dice la otra."
            )
        ),
        Class(
            phrases: ["necesito que", "necesita que"],
            reasons: (
                "The main clause expresses a need for what the other one says.",
                "La oración principal expresa la necesidad de lo que dice la otra."
            )
        ),
        Class(
            phrases: ["ojala"],
            holdsNegated: true,
            reasons: (
                "Ojalá voices a hope, and nothing but the subjunctive follows it.",
                "Ojalá expresa un deseo y siempre pide subjuntivo."
            )
        ),
        Class(
            phrases: [
                "me alegro de que", "me alegra que", "lamento que", "temo que", "me gusta que", "me molesta que",
                "me sorprende que", "me encanta que", "me preocupa que", "tengo miedo de que", "es una lastima que",
                "me da pena que", "me pone triste que", "me gustaria que", "no me gusta que", "no me gustaria que",
            ],
            reasons: (
                "The main clause shows a feeling about what happens in the other one.",
                "La oración principal muestra un sentimiento ante lo que ocurre en la otra."
            )
        ),
        Class(
            phrases: [
                "es importante que", "es necesario que", "es posible que", "es imposible que", "es mejor que",
                "es probable que", "es bueno que", "es malo que", "es increible que", "es extrano que", "es raro que",
                "es preciso que", "es natural que", "es urgente que", "es esencial que", "hace falta que",
                "conviene que", "puede que", "era importante que", "era necesario que",
            ],
            holdsNegated: true,
            reasons: (
                "An impersonal expression judges the action instead of reporting it.",
                "Una expresión impersonal valora la acción en vez de informar sobre ella."
            )
        ),
        Class(
            phrases: [
                "recomiendo que", "recomienda que", "sugiero que", "sugiere que", "aconsejo que", "aconseja que",
                "pido que", "pide que", "insisto en que", "insiste en que", "exijo que", "prohibo que", "permito que",
                "propongo que", "mando que", "ordeno que", "ruego que", "no recomiendo que", "no aconsejo que",
                "no permito que",
            ],
            reasons: (
                "The main clause tries to influence what is done.",
                "La oración principal intenta influir en lo que se hace."
            )
        ),
        Class(
            phrases: [
                "dudo que", "duda que", "dudaba que", "no creo que", "no cree que", "no pienso que", "no es verdad que",
                "no es cierto que", "no estoy seguro de que", "no estoy segura de que", "niego que", "no parece que",
                "no digo que", "no es que", "no creia que",
            ],
            reasons: (
                "The main clause doubts or denies, so the action is not stated as a fact.",
                "La oración principal duda o niega, así que la acción no se presenta como un hecho."
            )
        ),
        Class(
            phrases: ["para que", "a fin de que", "con el fin de que"],
            holdsNegated: true,
            reasons: (
                "The conjunction names a purpose, not a fact.",
                "La conjunción indica una finalidad, no un hecho."
            )
        ),
        Class(
            phrases: [
                "a menos que", "con tal de que", "con tal que", "en caso de que", "a no ser que", "siempre y cuando",
            ],
            holdsNegated: true,
            reasons: (
                "The conjunction sets a condition, which may or may not be met.",
                "La conjunción marca una condición, que puede cumplirse o no."
            )
        ),
        Class(
            phrases: ["sin que"],
            holdsNegated: true,
            reasons: (
                "«Sin que» says that the second action does not accompany the first, and always takes the subjunctive.",
                "«Sin que» dice que la segunda acción no acompaña a la primera, y siempre pide subjuntivo."
            )
        ),
        Class(
            phrases: ["antes de que"],
            holdsNegated: true,
            reasons: (
                "When the main action takes place, what follows this conjunction is yet to come, so the subjunctive "
                    + "always follows it.",
                "Lo que sigue a esta conjunción es posterior a la acción principal, así que siempre pide subjuntivo."
            )
        ),
        Class(
            phrases: ["cuando", "hasta que", "tan pronto como", "en cuanto", "una vez que"],
            holdsNegated: true,
            reasons: lookingAhead
        ),
        Class(phrases: ["despues de que"], holdsNegated: true, isOfPresentOnly: true, reasons: lookingAhead),
        Class(
            phrases: [
                "aun cuando", "de vez en cuando", "de cuando en cuando", "en cuanto a", "cuando mas", "cuando menos",
                "desde cuando", "hasta cuando",
            ],
            holdsNegated: true,
            reasons: nil
        ),
        Class(
            phrases: [
                "no hay nadie que", "no hay nada que", "no conozco a nadie que", "busco a alguien que",
                "hay alguien que", "busco un", "busco una", "necesito un", "necesito una",
            ],
            reasons: (
                "The clause describes somebody or something unknown, or that does not exist.",
                "La oración describe a alguien o algo desconocido, o que no existe."
            )
        ),
        Class(
            phrases: ["como si"],
            holdsNegated: true,
            reasons: ("Como si compares with something unreal.", "Como si compara con algo irreal.")
        ),
    ]

    private static let lookingAhead: (english: String, spanish: String) = (
        "The time clause looks ahead: seen from the main clause, its action has not happened yet.",
        "La oración temporal mira hacia delante: vista desde la principal, su acción aún no ha ocurrido."
    )
}
