extension FeedbackWords {
    func spanish(_ diagnosis: AnswerDiagnosis) -> [String] {
        switch diagnosis {
        case .right:
            ["¡Correcto, muy bien!", "¡Así es, buen trabajo!", "Sí, esa es la forma.", "¡Exacto, muy bien!"]
        case .otherRightForm:
            [
                "¡Muy bien! \(given) también es correcto: es otra forma del mismo tiempo y la misma persona. "
                    + "Este ejercicio espera \(right)."
            ]
        case .accentOnly(let tense):
            if let tense {
                [
                    "Casi: las letras están bien, pero las tildes no, y con ellas \(given) es "
                        + "\(tense.name(in: .spanish)); la forma correcta es \(right)."
                ]
            } else {
                [
                    "Casi: las letras están bien, pero las tildes no; la forma correcta es \(right).",
                    "Por muy poco: solo han fallado las tildes; la forma correcta es \(right).",
                ]
            }
        case .accentOfOtherForm(let form):
            [
                "Casi: con su tilde, «\(form)» también sería correcto; aquí se espera \(right).",
                "Por muy poco: a \(given) solo le falta la tilde correcta, «\(form)»; aquí se espera \(right).",
            ]
        case .dotsOverU:
            [
                "Casi: atención a la diéresis, porque en «gue» y «gui» la u no suena, y en «güe» y «güi» sí; "
                    + "la forma correcta es \(right)."
            ]
        case .extraWords:
            [
                "La forma es correcta, pero el ejercicio pide solo \(right), sin más palabras.",
                "Tienes la forma: se pide solo \(right), sin las demás palabras.",
            ]
        case .missingPronoun:
            ["El verbo está bien, pero falta su pronombre: \(right)."]
        case .otherPronoun:
            ["El verbo está bien, pero el pronombre es otro: \(right)."]
        case .infinitive:
            [
                "El verbo quedó en infinitivo y aquí hace falta una forma personal: \(right).",
                "El infinitivo no dice quién hace la acción; aquí hace falta una forma personal: \(right).",
            ]
        case .gerund:
            [
                "\(form(in: .spanish)) es el gerundio, que no dice quién hace la acción; la forma que se pide es \(right)."
            ]
        case .participleAlone:
            [
                "\(form(in: .spanish)) es el participio, que no dice quién hace la acción; la forma que se pide es \(right)."
            ]
        case .imperative:
            ["\(form(in: .spanish)) es un imperativo; aquí la forma que se pide es \(right)."]
        case .otherPerson(let persons):
            [
                "El tiempo es correcto, pero \(form(in: .spanish)) es de otra persona: \(Self.names(persons, "o")); "
                    + "la forma correcta es \(right).",
                "El tiempo está bien, pero la persona no: \(form(in: .spanish)) va con \(Self.names(persons, "o")), y "
                    + "\(askedInSpanish("la forma que se pide")) es \(right).",
            ]
        case .otherTense(.future):
            [
                "\(form(in: .spanish)) es futuro de subjuntivo, que hoy apenas se usa (y no futuro de indicativo, que lleva tilde en "
                    + "casi todas las personas); la forma correcta es \(right)."
            ]
        case .otherTense(let tense):
            [
                "\(form(in: .spanish)) es del \(tense.name(in: .spanish)), y se pide otro tiempo: \(right).",
                "El modo es correcto, pero \(form(in: .spanish)) es \(tense.name(in: .spanish)); la forma correcta es \(right).",
            ]
        case .indicative(let tense):
            [
                "\(form(in: .spanish)) es del \(tense.name(in: .spanish)), y se pide el subjuntivo: \(right).",
                "El verbo es correcto, pero \(form(in: .spanish)) es \(tense.name(in: .spanish)), y el subjuntivo es \(right).",
                "El verbo está bien, pero el modo no: \(form(in: .spanish)) es \(tense.name(in: .spanish)), y el subjuntivo es \(right).",
            ]
        case .missedStemChange:
            [
                "No exactamente: en esta forma cambia la vocal de la raíz; la forma correcta es \(right).",
                "Casi: aquí cambia la vocal de la raíz de este verbo, así que es \(right).",
            ]
        case .needlessStemChange:
            [
                "No exactamente: en esta forma la vocal de la raíz no cambia así; la forma correcta es \(right).",
                "Casi: esta forma no tiene ese cambio en la raíz, así que es \(right).",
            ]
        case .otherStemChange:
            ["Casi: la vocal de la raíz sí cambia en este verbo, pero de otra manera; la forma correcta es \(right)."]
        case .missedSpelling where isPast:
            ["Casi: tras esta raíz la i de la terminación se pierde o pasa a y, así que es \(right)."]
        case .missedSpelling:
            [
                "No exactamente: ante la terminación cambia la ortografía de la raíz; la forma correcta es \(right).",
                "Casi: solo cambia la ortografía de la raíz ante esta terminación, \(right).",
            ]
        case .regularised:
            [
                "A \(given) le falta la raíz irregular que \(infinitive ?? "este verbo") tiene aquí; "
                    + "la forma correcta es \(right).",
                "Buena idea, pero aquí la raíz es irregular: \(right).",
            ]
        case .otherEndingClass:
            [otherEndingInSpanish]
        case .otherAuxiliary:
            ["El participio es correcto, pero la forma de haber que lo precede no: \(right)."]
        case .otherParticiple:
            ["La segunda palabra tiene que ser el participio, que con haber no cambia nunca de terminación: \(right)."]
        case .regularParticiple:
            ["El participio de \(infinitive ?? "este verbo") es irregular; la forma correcta es \(right)."]
        case .otherVerb(let verb):
            [
                "\(given) es de otro verbo, \(name(of: verb, or: "o"))"
                    + (infinitive.map { ", y aquí se pide \($0); " } ?? "; ") + "la forma correcta es \(right)."
            ]
        case .typingError:
            [
                "Muy cerca: solo ha fallado alguna letra; la forma correcta es \(right).",
                "Casi; revisa lo que has escrito: la forma correcta es \(right).",
            ]
        case .unknown:
            ["Todavía no: la forma que se pide es \(right).", "No exactamente: la forma que se pide es \(right)."]
        }
    }

    private var otherEndingInSpanish: String {
        let ending = infinitive?.suffix(2) ?? ""
        let isAr = ending == "ar"
        guard isPresent, !ending.isEmpty else {
            return "No exactamente: este verbo tiene otras terminaciones en este tiempo; la forma correcta es \(right)."
        }
        return "No exactamente: en el presente de subjuntivo los verbos en \(isAr ? "-ar" : "-er y en -ir") tienen "
            + "terminaciones con \(isAr ? "e" : "a"); la forma correcta es \(right)."
    }

    private func askedInSpanish(_ otherwise: String) -> String {
        person.map { "la forma de \($0.pronoun)" } ?? otherwise
    }
}
