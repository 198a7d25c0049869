extension TriggerCatalogue {
    private static let wish: Words = (
        "The main clause expresses a wish or hope about what the other one says.",
        "La oración principal expresa un deseo o una esperanza sobre lo que dice la otra."
    )

    private static let influence: Words = (
        "The main clause tries to influence what is done.",
        "La oración principal intenta influir en lo que se hace."
    )

    private static let feeling: Words = (
        "The main clause shows a feeling about what happens in the other one.",
        "La oración principal muestra un sentimiento ante lo que ocurre en la otra."
    )

    private static let doubt: Words = (
        "The main clause doubts or denies, so the action is not stated as a fact.",
        "La oración principal duda o niega, así que la acción no se presenta como un hecho."
    )

    /// Wishes, needs and attempts to influence.
    static let ofWill: [Class] = [
        Class(
            """
            (no) {querer} que
            {desear} que
            (no) {preferir} que
            {anhelar} que
            {pretender} que
            {soñar} con que
            """,
            reason: wish
        ),
        Class(
            "{esperar} que",
            reason: wish,
            indicative: (
                "the future indicative is possible too where one counts on it",
                "el futuro de indicativo también es posible si se da por seguro"
            )
        ),
        Class(
            "(no) {necesitar} que",
            reason: (
                "The main clause expresses a need for what the other one says.",
                "La oración principal expresa la necesidad de lo que dice la otra."
            )
        ),
        Class(
            "ojala (que)",
            holdsNegated: true,
            reason: (
                "Ojalá voices a hope, and nothing but the subjunctive follows it.",
                "Ojalá expresa un deseo y siempre pide subjuntivo."
            )
        ),
        Class(
            """
            (no) (<le>) {recomendar} que
            (no) (<le>) {aconsejar} que
            (no) (<le>) {permitir} que
            (no) (<le>) {dejar} que
            (<le>) {pedir} que
            (<le>) {rogar} que
            (<le>) {suplicar} que
            (<le>) {exigir} que
            (<le>) {prohibir} que
            (<le>) {proponer} que
            (<le>) {mandar} que
            (<le>) {ordenar} que
            {solicitar} que
            """,
            reason: influence
        ),
        Class(
            "(<le>) {sugerir} que\n{insistir} en que",
            reason: influence,
            indicative: (
                "where it only says that something is so, it takes the indicative",
                "si solo dice que algo es así, pide indicativo"
            )
        ),
        Class(
            "{conseguir} que\n{lograr} que\n{evitar} que\n{impedir} que",
            holdsNegated: true,
            reason: (
                "The main clause speaks of bringing something about or preventing it, which takes the subjunctive.",
                "La oración principal habla de conseguir o evitar algo, y eso pide subjuntivo."
            )
        ),
        Class(
            "<le> {decir} que",
            reason: (
                "With the subjunctive, decir que passes on an order or a request.",
                "Con subjuntivo, decir que transmite una orden o una petición."
            ),
            indicative: (
                "to report a fact, it takes the indicative",
                "para informar de un hecho, pide indicativo"
            )
        ),
    ]

    /// Feelings, judgements, doubts.
    static let ofJudgement: [Class] = [
        Class(
            """
            (no) <me> {alegrar} (mucho) (de) que
            {lamentar} que
            (no) <me> {gustar} (mucho) que
            (no) <me> {encantar} que
            (no) <me> {molestar} (mucho) que
            (no) <me> {sorprender} (mucho) que
            (no) <me> {preocupar} (mucho) que
            (no) <me> {importar} que
            (no) <me> {enojar} que
            (no) <me> {enfadar} que
            (no) <me> {emocionar} que
            (no) <me> {entristecer} que
            {tener} (mucho) miedo de|a que
            <me> {dar} pena|miedo|rabia|alegria|verguenza|lastima|gusto que
            <me> {poner} triste|contento|contenta|nervioso|nerviosa|feliz que
            {estar} (muy) contento|contenta|contentos|contentas|triste|feliz|harto|harta|orgulloso|orgullosa de (~) que
            {sentir} mucho que
            (es) una lastima que
            (es) una pena que
            que|qué pena que
            que|qué lastima que
            """,
            reason: feeling
        ),
        Class(
            "{temer} que",
            reason: feeling,
            indicative: (
                "me temo que, which only supposes something, mostly takes the indicative",
                "me temo que, si solo supone algo, suele pedir indicativo"
            )
        ),
        Class(
            """
            {ser} (muy) \(adjectives) que
            <me> {parecer} (muy) \(opinions) que
            conviene|convenia|convendria|convino que
            basta con que
            mas vale que
            """,
            holdsNegated: true,
            reason: (
                "An impersonal expression judges the action instead of reporting it.",
                "Una expresión impersonal valora la acción en vez de informar sobre ella."
            )
        ),
        Class(
            "puede (ser) que",
            holdsNegated: true,
            reason: (
                "The expression speaks of a possibility, not of a fact.",
                "La expresión habla de una posibilidad, no de un hecho."
            )
        ),
        Class(
            "hace falta que\nhara falta que\n{ser} hora de que",
            holdsNegated: true,
            reason: (
                "The expression speaks of a need, not of a fact.",
                "La expresión habla de una necesidad, no de un hecho."
            )
        ),
        Class(
            "no {creer} que\nno {pensar} que\nno {opinar} que",
            reason: doubt,
            indicative: (
                "a question that expects a yes (¿no crees que…?) takes the indicative",
                "una pregunta que espera un sí (¿no crees que…?) pide indicativo"
            )
        ),
        Class(
            """
            {dudar} (de) que
            {negar} que
            no (<me>) {parecer} que
            no {decir} que
            no {ser} que
            no {ser} verdad|cierto|seguro|evidente|obvio|claro que
            no {estar} (muy) seguro|segura|seguros|seguras de que
            no {estar} claro que
            no {suponer} que
            """,
            reason: doubt
        ),
        Class(
            "quizas\nquiza\ntal vez\nposiblemente\nprobablemente\nacaso",
            holdsNegated: true,
            reason: (
                "The adverb leaves open whether it is so, and the subjunctive stresses that doubt.",
                "El adverbio deja abierto si es así, y el subjuntivo subraya esa duda."
            ),
            indicative: (
                "the indicative is possible too where one is more sure",
                "el indicativo también es posible si se está más seguro"
            )
        ),
    ]

    /// What makes an impersonal expression judge: never what makes it state a fact, as cierto and evidente do.
    private static let adjectives =
        "importante|necesario|posible|imposible|mejor|peor|probable|improbable|bueno|malo|increible|extrano|"
        + "raro|preciso|natural|normal|logico|urgente|esencial|fundamental|conveniente|util|inutil|justo|injusto|"
        + "preferible|dificil|facil|sorprendente|curioso|imprescindible|indispensable|maravilloso|fantastico|terrible|"
        + "triste|interesante|aconsejable|recomendable|absurdo"

    private static let opinions =
        "bien|mal|importante|necesario|raro|extrano|increible|normal|logico|mentira|fantastico|estupendo|"
        + "injusto|justo|interesante|fatal"
}
