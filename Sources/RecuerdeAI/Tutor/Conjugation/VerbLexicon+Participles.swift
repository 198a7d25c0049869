extension VerbLexicon {
    /// Participles that follow no rule, by the end of the infinitive; the longest end counts.
    private static let participles: [(end: String, participles: [String])] = [
        ("scribir", ["scrito"]), ("cubrir", ["cubierto"]), ("solver", ["suelto"]), ("volver", ["vuelto"]),
        ("abrir", ["abierto"]), ("romper", ["roto"]), ("morir", ["muerto"]), ("poner", ["puesto"]),
        ("imprimir", ["impreso", "imprimido"]), ("bendecir", ["bendecido"]), ("maldecir", ["maldecido"]),
        ("decir", ["dicho"]), ("hacer", ["hecho"]), ("prever", ["previsto"]), ("entrever", ["entrevisto"]),
        ("facer", ["fecho"]), ("freír", ["frito", "freído"]), ("proveer", ["provisto", "proveído"]),
        ("corromper", ["corrompido"]), ("pudrir", ["podrido"]), ("podrir", ["podrido"]),
    ]

    /// Participles of whole verbs that follow no rule.
    private static let wholeParticiples: [String: [String]] = [
        "ver": ["visto"], "rever": ["revisto"], "ir": ["ido"], "ser": ["sido"], "disolver": ["disuelto"],
        // Those in -scripto are of the River Plate (DPD); escribir and transcribir have none.
        "adscribir": ["adscrito", "adscripto"], "describir": ["descrito", "descripto"],
        "inscribir": ["inscrito", "inscripto"], "prescribir": ["prescrito", "prescripto"],
        "suscribir": ["suscrito", "suscripto"],
    ]

    /// The participles of a verb that follow no rule; nil where the rule holds.
    static func irregularParticiples(of infinitive: Infinitive) -> [String]? {
        if let whole = wholeParticiples[infinitive.text] { return whole }
        let irregular = participles.filter { infinitive.text.hasSuffix($0.end) }.max { $0.end.count < $1.end.count }
        guard let irregular else { return nil }
        let head = infinitive.text.dropLast(irregular.end.count)
        return irregular.participles.map { head + $0 }
    }
}
