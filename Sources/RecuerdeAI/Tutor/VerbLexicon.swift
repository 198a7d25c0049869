/// What the tutor knows by heart about verbs; everything else follows from rules.
///
/// A verb that is neither here nor covered by a rule without exceptions is one that the tutor does not know: it may
/// change its stem, and a wrong form taught is worse than none.
enum VerbLexicon {
    /// How a stem's last vowel changes where it is stressed.
    enum StemChange: Sendable, Hashable {
        case eToIe, oToUe, eToI, uToUe, iToIe
    }

    /// The present subjunctive of the verbs that follow no rule, in the order of ``GrammaticalPerson`` without vos.
    static let irregularPresent: [String: [String]] = [
        "ser": ["sea", "seas", "sea", "seamos", "seáis", "sean"],
        "estar": ["esté", "estés", "esté", "estemos", "estéis", "estén"],
        "ir": ["vaya", "vayas", "vaya", "vayamos", "vayáis", "vayan"],
        "haber": ["haya", "hayas", "haya", "hayamos", "hayáis", "hayan"],
        "saber": ["sepa", "sepas", "sepa", "sepamos", "sepáis", "sepan"],
        "dar": ["dé", "des", "dé", "demos", "deis", "den"],
        "reír": ["ría", "rías", "ría", "riamos", "riais", "rían"],
        "sonreír": ["sonría", "sonrías", "sonría", "sonriamos", "sonriáis", "sonrían"],
    ]

    /// Stems of the present that come from the irregular first person: `tengo`, `digo`.
    static let presentStems: [String: String] = [
        "tener": "teng", "venir": "veng", "poner": "pong", "salir": "salg", "valer": "valg", "decir": "dig",
        "hacer": "hag", "traer": "traig", "caer": "caig", "oír": "oig", "ver": "ve", "caber": "quep",
    ]

    /// Stems of the imperfect that come from a strong preterite: `tuvieron`, `dijeron`.
    static let pastStems: [String: String] = [
        "tener": "tuvie", "venir": "vinie", "poner": "pusie", "decir": "dije", "hacer": "hicie", "traer": "traje",
        "caer": "caye", "oír": "oye", "ver": "vie", "caber": "cupie", "estar": "estuvie", "andar": "anduvie",
        "desandar": "desanduvie",
        "haber": "hubie", "poder": "pudie", "saber": "supie", "querer": "quisie", "ser": "fue", "ir": "fue",
        "dar": "die", "reír": "rie", "sonreír": "sonrie",
    ]

    /// Verbs that behave as another with something before it.
    static let derived: [String: String] = [
        "obtener": "tener", "mantener": "tener", "contener": "tener", "detener": "tener", "sostener": "tener",
        "retener": "tener", "entretener": "tener",
        "prevenir": "venir", "convenir": "venir", "intervenir": "venir", "provenir": "venir",
        "proponer": "poner", "componer": "poner", "suponer": "poner", "imponer": "poner", "exponer": "poner",
        "disponer": "poner", "oponer": "poner", "reponer": "poner", "posponer": "poner",
        "contradecir": "decir", "predecir": "decir", "bendecir": "decir", "maldecir": "decir",
        "deshacer": "hacer", "rehacer": "hacer",
        "atraer": "traer", "distraer": "traer", "contraer": "traer", "extraer": "traer",
        "recaer": "caer", "decaer": "caer", "prever": "ver", "equivaler": "valer", "sobresalir": "salir",
    ]

    static let stemChanges: [String: StemChange] = {
        var changes: [String: StemChange] = [:]
        for verb in [
            "pensar", "cerrar", "empezar", "comenzar", "despertar", "sentar", "recomendar", "calentar", "negar",
            "regar", "confesar", "atravesar", "acertar", "apretar", "gobernar", "tropezar", "temblar", "nevar",
            "entender", "perder", "querer", "defender", "encender", "extender", "atender", "descender",
            "sentir", "preferir", "mentir", "sugerir", "divertir", "convertir", "advertir", "consentir", "referir",
            "herir", "hervir", "arrepentir", "invertir",
        ] { changes[verb] = .eToIe }
        for verb in [
            "contar", "encontrar", "recordar", "mostrar", "demostrar", "probar", "comprobar", "aprobar", "costar",
            "volar", "soñar", "almorzar", "acostar", "acordar", "colgar", "rogar", "forzar", "esforzar", "apostar",
            "rodar", "renovar", "avergonzar",
            "volver", "devolver", "envolver", "resolver", "mover", "morder", "doler", "soler", "llover", "poder",
            "torcer", "cocer", "promover", "conmover",
            "dormir", "morir",
        ] { changes[verb] = .oToUe }
        for verb in [
            "pedir", "servir", "repetir", "seguir", "conseguir", "perseguir", "vestir", "despedir", "medir",
            "impedir", "competir", "elegir", "corregir", "reñir", "rendir", "derretir",
        ] { changes[verb] = .eToI }
        changes["jugar"] = .uToUe
        changes["adquirir"] = .iToIe
        changes["inquirir"] = .iToIe
        return changes
    }()

    /// Stems that take an accent where they are stressed: `envíe`, `reúna`.
    static let accentedStems: [String: String] = [
        "enviar": "enví", "variar": "varí", "ampliar": "amplí", "confiar": "confí", "enfriar": "enfrí",
        "vaciar": "vací", "desviar": "desví", "fotografiar": "fotografí", "esquiar": "esquí", "espiar": "espí",
        "actuar": "actú", "continuar": "continú", "situar": "sitú", "graduar": "gradú", "evaluar": "evalú",
        "efectuar": "efectú", "acentuar": "acentú", "insinuar": "insinú", "exceptuar": "exceptú",
        "reunir": "reún", "prohibir": "prohíb", "aislar": "aísl",
    ]

    /// Verbs that are regular, changes of spelling aside.
    static let regular: Set<String> = [
        "hablar", "cantar", "trabajar", "estudiar", "comprar", "caminar", "viajar", "ayudar", "escuchar", "mirar",
        "tomar", "llamar", "llevar", "llegar", "pagar", "buscar", "tocar", "sacar", "explicar", "practicar",
        "esperar", "necesitar", "desear", "preparar", "terminar", "visitar", "limpiar", "cocinar", "bailar",
        "nadar", "descansar", "usar", "ganar", "gastar", "dejar", "entrar", "pasar", "quedar", "levantar", "lavar",
        "duchar", "bañar", "peinar", "casar", "preguntar", "contestar", "enseñar", "olvidar", "cambiar", "copiar",
        "anunciar", "pronunciar", "presentar", "mandar", "aceptar", "evitar", "intentar", "tratar", "cuidar",
        "gritar", "celebrar", "invitar", "alquilar", "ahorrar", "apagar", "entregar", "jurar", "organizar",
        "realizar", "utilizar", "analizar", "cruzar", "lanzar", "alcanzar", "abrazar", "rezar", "averiguar",
        "dibujar", "manejar", "quitar", "tirar", "votar", "dudar", "amar", "odiar", "respirar", "reservar",
        "andar", "cenar", "desayunar", "funcionar", "importar", "molestar", "gustar", "encantar", "interesar",
        "marcar", "atacar", "secar", "pescar", "dedicar", "comunicar", "indicar", "publicar", "colocar",
        "comer", "beber", "aprender", "comprender", "vender", "correr", "leer", "creer", "poseer", "romper",
        "responder", "deber", "temer", "prometer", "meter", "esconder", "depender", "sorprender", "coser",
        "vivir", "escribir", "describir", "abrir", "cubrir", "descubrir", "recibir", "subir", "decidir",
        "permitir", "insistir", "existir", "asistir", "discutir", "compartir", "partir", "sufrir", "unir", "añadir",
        "ocurrir", "imprimir", "admitir", "cumplir", "dividir", "definir", "resistir", "aburrir", "confundir",
        "coger", "recoger", "escoger", "proteger", "dirigir", "exigir", "surgir", "fingir", "distinguir",
        "mecer", "vencer", "convencer", "ejercer", "esparcir",
        "huir", "construir", "destruir", "incluir", "concluir", "contribuir", "influir", "sustituir", "distribuir",
        "disminuir", "instruir", "excluir",
        "nacer", "conocer", "reconocer", "desconocer", "lucir",
    ]

    /// Verbs in -cer after a vowel whose c becomes z and not zc.
    static let plainZ: Set<String> = ["cocer", "mecer"]

    /// Participles that follow no rule, by the end of the infinitive; the longest end counts.
    static let participles: [(end: String, participles: [String])] = [
        ("scribir", ["scrito"]), ("cubrir", ["cubierto"]), ("solver", ["suelto"]), ("volver", ["vuelto"]),
        ("abrir", ["abierto"]), ("romper", ["roto"]), ("morir", ["muerto"]), ("poner", ["puesto"]),
        ("imprimir", ["impreso", "imprimido"]), ("bendecir", ["bendecido"]), ("maldecir", ["maldecido"]),
        ("decir", ["dicho"]), ("hacer", ["hecho"]), ("prever", ["previsto"]), ("entrever", ["entrevisto"]),
        ("facer", ["fecho"]), ("freír", ["frito", "freído"]), ("proveer", ["provisto", "proveído"]),
        ("corromper", ["corrompido"]), ("pudrir", ["podrido"]),
    ]

    /// The participles of a verb that follow no rule; nil where the rule holds.
    static func irregularParticiples(of infinitive: Infinitive) -> [String]? {
        if let whole = wholeParticiples[infinitive.text] { return whole }
        let irregular = participles.filter { infinitive.text.hasSuffix($0.end) }.max { $0.end.count < $1.end.count }
        guard let irregular else { return nil }
        let head = infinitive.text.dropLast(irregular.end.count)
        return irregular.participles.map { head + $0 }
    }

    /// Participles of whole verbs that follow no rule.
    static let wholeParticiples: [String: [String]] = ["ver": ["visto"], "ir": ["ido"], "ser": ["sido"]]
}
