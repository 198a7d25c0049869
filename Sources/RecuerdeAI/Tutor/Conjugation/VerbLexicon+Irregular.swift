extension VerbLexicon {
    /// Verbs that no rule covers, with what is irregular in them.
    ///
    /// Source: Nueva gramática de la lengua española, 4.9 to 4.14.
    static let irregular: [String: Irregularity] = [
        // The six whose present subjunctive shows no link to the yo form.
        "ser": Irregularity(
            presentStems: ["se"],
            yo: ["soy"],
            present: ["soy", "eres", "es", "somos", "sois", "son", "sos"],
            past: "fue",
            strongPast: ("fui", "fue"),
            imperfect: "era",
            imperative: "sé"
        ),
        "ir": Irregularity(
            presentStems: ["vay"],
            yo: ["voy"],
            present: ["voy", "vas", "va", "vamos", "vais", "van", "vas"],
            past: "fue",
            strongPast: ("fui", "fue"),
            imperfect: "iba",
            gerund: "yendo",
            imperative: "ve"
        ),
        "haber": Irregularity(
            presentStems: ["hay"],
            yo: ["he"],
            present: ["he", "has", "ha", "hemos", "habéis", "han", "has"],
            past: "hubie",
            future: "habr"
        ),
        "saber": Irregularity(presentStems: ["sep"], yo: ["sé"], past: "supie", future: "sabr"),
        "dar": Irregularity(yo: ["doy"], stressesEndings: true, past: "die", strongPast: ("di", "dio")),
        "estar": Irregularity(yo: ["estoy"], stressesEndings: true, past: "estuvie"),
        // Those that are built on the yo form.
        "tener": Irregularity(presentStems: ["teng"], past: "tuvie", future: "tendr", imperative: "ten"),
        "venir": Irregularity(presentStems: ["veng"], past: "vinie", future: "vendr", imperative: "ven"),
        "poner": Irregularity(presentStems: ["pong"], past: "pusie", future: "pondr", imperative: "pon"),
        "salir": Irregularity(presentStems: ["salg"], future: "saldr", imperative: "sal"),
        "valer": Irregularity(presentStems: ["valg"], future: "valdr"),
        "decir": Irregularity(presentStems: ["dig"], past: "dije", future: "dir", imperative: "di"),
        "bendecir": Irregularity(presentStems: ["bendig"], past: "bendije"),
        "maldecir": Irregularity(presentStems: ["maldig"], past: "maldije"),
        "hacer": Irregularity(
            presentStems: ["hag"],
            past: "hicie",
            strongPast: ("hice", "hizo"),
            future: "har",
            imperative: "haz"
        ),
        "satisfacer": Irregularity(
            presentStems: ["satisfag"],
            past: "satisficie",
            strongPast: ("satisfice", "satisfizo"),
            future: "satisfar",
            imperative: "satisfaz"
        ),
        "traer": Irregularity(presentStems: ["traig"], past: "traje"),
        "caer": Irregularity(presentStems: ["caig"]),
        "raer": Irregularity(presentStems: ["raig", "ray"]),
        "roer": Irregularity(presentStems: ["ro", "roig", "roy"]),
        "yacer": Irregularity(presentStems: ["yazc", "yazg", "yag"]),
        "oír": Irregularity(presentStems: ["oig"]),
        "asir": Irregularity(presentStems: ["asg"]),
        "ver": Irregularity(presentStems: ["ve"], stressesEndings: true, imperfect: "veía"),
        "caber": Irregularity(presentStems: ["quep"], past: "cupie", future: "cabr"),
        // Irregular in the past or the future only.
        "andar": Irregularity(past: "anduvie"),
        "poder": Irregularity(past: "pudie", future: "podr", gerund: "pudiendo"),
        "querer": Irregularity(past: "quisie", future: "querr"),
        "podrir": Irregularity(stem: "pudr"),
    ]

    /// What stands before a verb in those that are made of it and share all that is irregular in it.
    static let families: [String: String] = [
        "tener": "abs a con de entre man ob re sos",
        "venir": "a ad contra con de inter pre pro re sobre",
        "poner": """
        ante com contra de des descom dis ex im indis inter o pos pre predis presu pro re sobre su super tras
        trans yuxta recom contrapro
        """,
        "salir": "sobre re",
        "valer": "equi pre",
        "decir": "contra des pre entre",
        "hacer": "des re contra",
        "traer": "abs a con de dis ex re sus subs",
        "caer": "de re",
        "roer": "cor",
        "oír": "des entre",
        "asir": "des",
        "ver": "pre entre re",
        "andar": "des",
        "querer": "mal bien",
        "saber": "re",
    ]

    /// Each verb that is made of an irregular one: what stands before, and that verb.
    static let derived: [String: (prefix: String, base: String)] = {
        var derived: [String: (prefix: String, base: String)] = [:]
        for (base, prefixes) in families {
            for prefix in words(prefixes) { derived[prefix + base] = (prefix, base) }
        }
        return derived
    }()

    /// Forms beside those that the rules give, which the Academy admits in single persons.
    static func furtherForms(
        _ verb: String,
        _ tense: SubjunctiveTense,
        _ person: GrammaticalPerson
    ) -> [String] {
        switch (verb, tense, person) {
        case ("erguir", .present, .nosotros): ["yergamos"]
        case ("erguir", .present, .vosotros): ["yergáis"]
        case ("erguir", .present, .vos): ["yergás"]
        case ("placer", .present, .el): ["plega", "plegue"]
        case ("placer", .imperfect, .el): ["pluguiera", "pluguiese"]
        case ("placer", .future, .el): ["pluguiere"]
        default: []
        }
    }
}
