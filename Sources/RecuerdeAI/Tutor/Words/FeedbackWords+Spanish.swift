extension FeedbackWords {
    func spanish(_ diagnosis: AnswerDiagnosis) -> [String] {
        switch diagnosis {
        case .right:
            ["¡Correcto, muy bien!", "¡Así es, buen trabajo!", "Sí, esa es la forma.", "¡Exacto, muy bien!"]
        case .otherRightForm:
            [
                "¡Muy bien! \(given) también es correcto: es otra forma del mismo tiempo y la misma persona. "
                    + "Este ejercicio espera \(right).",
                "Bien, \(given) también es correcto: este tiempo y esta persona tienen más de una forma. Este ejercicio espera \(right).",
            ]
        case .accentOnly(let tense):
            if let tense {
                [
                    "Casi: las letras están bien, pero las tildes no, y con ellas \(given) es "
                        + "\(tense.name(in: .spanish)); la forma correcta es \(right).",
                    "Cuidado con las tildes: escrito así, \(given) es \(tense.name(in: .spanish)); la forma correcta es \(right).",
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
                    + "la forma correcta es \(right).",
                "Solo ha fallado la diéresis: con ella suena la u de «güe» y «güi», y sin ella no; la forma correcta es \(right).",
            ]
        case .extraWords:
            [
                "La forma es correcta, pero el ejercicio pide solo \(right), sin más palabras.",
                "Tienes la forma: se pide solo \(right), sin las demás palabras.",
            ]
        case .otherSubject:
            [
                "La forma verbal es correcta, pero el sujeto que la acompaña no es el que se pide: la respuesta es "
                    + "\(right).",
                "La forma verbal está bien; es el sujeto el que es otro: la respuesta es \(right).",
            ]
        case .otherWords:
            [
                "La forma verbal es correcta, pero la respuesta completa que se espera es \(right).",
                "La forma verbal está bien; el ejercicio espera la respuesta entera, \(right).",
            ]
        case .missingPronoun:
            [
                "El verbo está bien, pero falta su pronombre: \(right).",
                "Casi: este verbo necesita también su pronombre, \(right).",
            ]
        case .otherPronoun:
            [
                "El verbo está bien, pero el pronombre es otro: \(right).",
                "Casi: la forma del verbo es correcta, pero el pronombre no: \(right).",
            ]
        case .infinitive:
            [
                "El verbo quedó en infinitivo y aquí hace falta una forma personal: \(right).",
                "El infinitivo no dice quién hace la acción; aquí hace falta una forma personal: \(right).",
            ]
        case .gerund:
            [
                "\(form(in: .spanish)) es el gerundio, que no dice quién hace la acción; la forma que se pide es \(right).",
                "El gerundio no tiene persona, y \(form(in: .spanish)) lo es; la forma que se pide es \(right).",
            ]
        case .participleAlone:
            [
                "\(form(in: .spanish)) es el participio, que no dice quién hace la acción; la forma que se pide es \(right).",
                "El participio no tiene persona, y \(form(in: .spanish)) lo es; la forma que se pide es \(right).",
            ]
        case .imperative:
            [
                "\(form(in: .spanish)) es un imperativo; aquí la forma que se pide es \(right).",
                "El verbo es correcto, pero \(form(in: .spanish)) da una orden; la forma que se pide es \(right).",
            ]
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
                    + "casi todas las personas); la forma correcta es \(right).",
                "El modo es correcto, pero \(form(in: .spanish)) es futuro de subjuntivo, propio de leyes y textos "
                    + "antiguos; la forma correcta es \(right).",
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
            [
                "Casi: la vocal de la raíz sí cambia en este verbo, pero de otra manera; la forma correcta es \(right).",
                "No exactamente: la raíz de este verbo cambia de vocal, pero no a esa; la forma correcta es \(right).",
            ]
        case .missedSpelling where isPast:
            [
                "Casi: tras esta raíz la i de la terminación se pierde o pasa a y, así que es \(right).",
                "Cuidado con la ortografía: tras esta raíz no se mantiene la i de la terminación, así que es \(right).",
            ]
        case .missedSpelling:
            [
                "No exactamente: ante la terminación cambia la ortografía de la raíz; la forma correcta es \(right).",
                "Casi: solo cambia la ortografía de la raíz ante esta terminación, \(right).",
            ]
        case .regularised:
            [
                "A \(given) le falta la raíz irregular que \(named ?? "este verbo") tiene aquí; "
                    + "la forma correcta es \(right).",
                "Buen intento, pero aquí la raíz es irregular: \(right).",
            ]
        case .otherEndingClass:
            [
                otherEndingInSpanish,
                "No exactamente: la terminación es la de otra conjugación; la forma correcta es \(right).",
            ]
        case .otherAuxiliary:
            [
                "El participio es correcto, pero la forma de haber que lo precede no: \(right).",
                "La segunda palabra está bien y la primera no: aquí haber tiene otra forma, \(right).",
            ]
        case .missingAuxiliary:
            [
                "\(form(in: .spanish)) es el participio correcto, pero falta delante la forma de haber: \(right).",
                "Ya está la mitad: \(form(in: .spanish)) es el participio, y falta la forma de haber, \(right).",
            ]
        case .otherParticiple:
            [
                "La segunda palabra tiene que ser el participio, que con haber no cambia nunca de terminación: \(right).",
                "Tras haber solo puede ir el participio, siempre con la misma terminación: \(right).",
            ]
        case .regularParticiple:
            [
                "El participio de \(named ?? "este verbo") es irregular; la forma correcta es \(right).",
                "Casi: \(named ?? "este verbo") tiene un participio propio, así que es \(right).",
            ]
        case .otherVerb(let verb):
            [
                "\(given) es de otro verbo, \(name(of: verb, or: "o"))"
                    + (named.map { ", y aquí se pide \($0); " } ?? "; ") + "la forma correcta es \(right).",
                "Es otro verbo: \(given) es una forma de \(name(of: verb, or: "o"))"
                    + (named.map { ", no de \($0); " } ?? "; ") + "la forma correcta es \(right).",
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
