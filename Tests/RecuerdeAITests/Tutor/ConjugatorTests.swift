import Testing

@testable import RecuerdeAI

/// Forms as the Real Academia's paradigms give them (Nueva gramática de la lengua española, 4.11 to 4.14).
@Suite struct ConjugatorTests {
    private let conjugator = Conjugator()

    private static let sixPersons: [GrammaticalPerson] = [.yo, .tu, .el, .nosotros, .vosotros, .ellos]

    @Test(arguments: [
        ("hablar", "hable hables hable hablemos habléis hablen"),
        ("comer", "coma comas coma comamos comáis coman"),
        ("vivir", "viva vivas viva vivamos viváis vivan"),
        ("buscar", "busque busques busque busquemos busquéis busquen"),
        ("llegar", "llegue llegues llegue lleguemos lleguéis lleguen"),
        ("cruzar", "cruce cruces cruce crucemos crucéis crucen"),
        ("averiguar", "averigüe averigües averigüe averigüemos averigüéis averigüen"),
        ("coger", "coja cojas coja cojamos cojáis cojan"),
        ("dirigir", "dirija dirijas dirija dirijamos dirijáis dirijan"),
        ("distinguir", "distinga distingas distinga distingamos distingáis distingan"),
        ("vencer", "venza venzas venza venzamos venzáis venzan"),
        ("conocer", "conozca conozcas conozca conozcamos conozcáis conozcan"),
        ("agradecer", "agradezca agradezcas agradezca agradezcamos agradezcáis agradezcan"),
        ("conducir", "conduzca conduzcas conduzca conduzcamos conduzcáis conduzcan"),
        ("construir", "construya construyas construya construyamos construyáis construyan"),
        ("mecer", "meza mezas meza mezamos mezáis mezan"),
        ("cocer", "cueza cuezas cueza cozamos cozáis cuezan"),
        ("pensar", "piense pienses piense pensemos penséis piensen"),
        ("empezar", "empiece empieces empiece empecemos empecéis empiecen"),
        ("jugar", "juegue juegues juegue juguemos juguéis jueguen"),
        ("rogar", "ruegue ruegues ruegue roguemos roguéis rueguen"),
        ("avergonzar", "avergüence avergüences avergüence avergoncemos avergoncéis avergüencen"),
        ("volver", "vuelva vuelvas vuelva volvamos volváis vuelvan"),
        ("sentir", "sienta sientas sienta sintamos sintáis sientan"),
        ("preferir", "prefiera prefieras prefiera prefiramos prefiráis prefieran"),
        ("dormir", "duerma duermas duerma durmamos durmáis duerman"),
        ("pedir", "pida pidas pida pidamos pidáis pidan"),
        ("seguir", "siga sigas siga sigamos sigáis sigan"),
        ("elegir", "elija elijas elija elijamos elijáis elijan"),
        ("reñir", "riña riñas riña riñamos riñáis riñan"),
        ("adquirir", "adquiera adquieras adquiera adquiramos adquiráis adquieran"),
        ("enviar", "envíe envíes envíe enviemos enviéis envíen"),
        ("continuar", "continúe continúes continúe continuemos continuéis continúen"),
        ("prohibir", "prohíba prohíbas prohíba prohibamos prohibáis prohíban"),
        ("reunir", "reúna reúnas reúna reunamos reunáis reúnan"),
        ("cambiar", "cambie cambies cambie cambiemos cambiéis cambien"),
        ("tener", "tenga tengas tenga tengamos tengáis tengan"),
        ("obtener", "obtenga obtengas obtenga obtengamos obtengáis obtengan"),
        ("prever", "prevea preveas prevea preveamos preveáis prevean"),
        ("decir", "diga digas diga digamos digáis digan"),
        ("oír", "oiga oigas oiga oigamos oigáis oigan"),
        ("ser", "sea seas sea seamos seáis sean"),
        ("estar", "esté estés esté estemos estéis estén"),
        ("ir", "vaya vayas vaya vayamos vayáis vayan"),
        ("dar", "dé des dé demos deis den"),
        ("levantarse", "levante levantes levante levantemos levantéis levanten"),
    ]) func presentSubjunctive(_ verb: String, _ forms: String) throws {
        let infinitive = try #require(Infinitive(verb))
        let made = Self.sixPersons.map { conjugator.forms(of: infinitive, tense: .present, person: $0) }
        #expect(made == forms.split(separator: " ").map { [String($0)] })
    }

    @Test(arguments: [
        ("hablar", "hablara hablaras hablara habláramos hablarais hablaran"),
        ("comer", "comiera comieras comiera comiéramos comierais comieran"),
        ("sentir", "sintiera sintieras sintiera sintiéramos sintierais sintieran"),
        ("pedir", "pidiera pidieras pidiera pidiéramos pidierais pidieran"),
        ("dormir", "durmiera durmieras durmiera durmiéramos durmierais durmieran"),
        ("seguir", "siguiera siguieras siguiera siguiéramos siguierais siguieran"),
        ("reñir", "riñera riñeras riñera riñéramos riñerais riñeran"),
        ("leer", "leyera leyeras leyera leyéramos leyerais leyeran"),
        ("construir", "construyera construyeras construyera construyéramos construyerais construyeran"),
        ("conducir", "condujera condujeras condujera condujéramos condujerais condujeran"),
        ("tener", "tuviera tuvieras tuviera tuviéramos tuvierais tuvieran"),
        ("proponer", "propusiera propusieras propusiera propusiéramos propusierais propusieran"),
        ("ser", "fuera fueras fuera fuéramos fuerais fueran"),
        ("ir", "fuera fueras fuera fuéramos fuerais fueran"),
        ("dar", "diera dieras diera diéramos dierais dieran"),
        ("reír", "riera rieras riera riéramos rierais rieran"),
        ("andar", "anduviera anduvieras anduviera anduviéramos anduvierais anduvieran"),
    ]) func imperfectSubjunctive(_ verb: String, _ forms: String) throws {
        let infinitive = try #require(Infinitive(verb))
        for (person, form) in zip(Self.sixPersons, forms.split(separator: " ")) {
            let made = conjugator.forms(of: infinitive, tense: .imperfect, person: person)
            let ending = try #require(Self.inSe[person])
            #expect(made == [String(form), "\(form.dropLast(ending.count))\(ending)"])
        }
    }

    /// The endings in -se, as long as those in -ra.
    private static let inSe: [GrammaticalPerson: String] = [
        .yo: "se", .tu: "ses", .el: "se", .nosotros: "semos", .vosotros: "seis", .ellos: "sen",
    ]

    @Test(arguments: [
        ("hablar", "hables hablés"), ("contar", "cuentes contés"), ("sentir", "sientas sintás"),
        ("dormir", "duermas durmás"), ("pedir", "pidas pidás"), ("tener", "tengas tengás"), ("ser", "seas seás"),
        ("estar", "estés"), ("dar", "des"), ("enviar", "envíes enviés"), ("jugar", "juegues jugués"),
    ]) func presentSubjunctiveOfVos(_ verb: String, _ forms: String) throws {
        let made = conjugator.forms(of: try #require(Infinitive(verb)), tense: .present, person: .vos)
        #expect(Set(made) == Set(forms.split(separator: " ").map(String.init)))
    }

    @Test func theOtherTensesOfVosAreThoseOfTu() throws {
        let infinitive = try #require(Infinitive("hablar"))
        #expect(conjugator.forms(of: infinitive, tense: .imperfect, person: .vos) == ["hablaras", "hablases"])
        #expect(
            conjugator.forms(of: infinitive, tense: .pluperfect, person: .vos)
                == ["hubieras hablado", "hubieses hablado"]
        )
    }

    @Test(arguments: [
        ("hablar", "haya hablado"), ("caer", "haya caído"), ("escribir", "haya escrito"), ("volver", "haya vuelto"),
        ("resolver", "haya resuelto"), ("deshacer", "haya deshecho"), ("predecir", "haya predicho"),
        ("bendecir", "haya bendecido"), ("ver", "haya visto"), ("construir", "haya construido"), ("ir", "haya ido"),
        ("reír", "haya reído"), ("descubrir", "haya descubierto"), ("componer", "haya compuesto"),
    ]) func presentPerfectSubjunctive(_ verb: String, _ form: String) throws {
        let infinitive = try #require(Infinitive(verb))
        #expect(conjugator.forms(of: infinitive, tense: .presentPerfect, person: .yo) == [form])
    }

    @Test func ofAVerbThatItDoesNotKnowItSaysNothing() throws {
        for verb in ["aterrar", "aferrar", "derrengar", "homogeneizar", "rehundir", "templar"] {
            let infinitive = try #require(Infinitive(verb))
            #expect(conjugator.forms(of: infinitive, tense: .present, person: .yo).isEmpty, "\(verb)")
        }
    }

    @Test func ofAnUnknownVerbEveryLikelyFormIsKeptFromHints() throws {
        let forms = conjugator.possibleForms(of: try #require(Infinitive("aferrar")), tense: .present)
        #expect(forms.isSuperset(of: ["afierre", "aferres", "aferremos"]))
    }

    @Test(arguments: ["", "hablo", "h", "42", "habl ar", "se", "mar y sol", "🙂ar"])
    func whatIsNoInfinitiveIsNone(_ text: String) {
        #expect(Infinitive(text) == nil)
    }

    @Test(
        arguments: [
            ("Present Subjunctive", SubjunctiveTense.present), ("presente de subjuntivo", .present),
            ("present_subjunctive", .present), ("Imperfecto", .imperfect),
            ("pretérito imperfecto de subjuntivo", .imperfect),
            ("past subjunctive", .imperfect), ("present perfect subjunctive", .presentPerfect),
            ("pretérito perfecto de subjuntivo", .presentPerfect), ("pluscuamperfecto", .pluperfect),
            ("past perfect subjunctive", .pluperfect), ("future subjunctive", .future),
            ("futuro de subjuntivo", .future), ("futuro compuesto de subjuntivo", .futurePerfect),
            ("pretérito perfecto compuesto de subjuntivo", .presentPerfect),
            ("pretérito pluscuamperfecto de subjuntivo", .pluperfect), ("present indicative", nil), ("future", nil),
            ("", nil),
            ("conditional", nil),
        ] as [(String, SubjunctiveTense?)]
    ) func tensesAreReadInBothLanguages(_ name: String, _ tense: SubjunctiveTense?) {
        #expect(SubjunctiveTense(name: name) == tense)
    }

    @Test(
        arguments: [
            ("yo", GrammaticalPerson.yo), ("Tú", .tu), ("él/ella/usted", .el), ("Uds.", .ellos), ("3p", .ellos),
            ("nosotras", .nosotros), ("first person plural", .nosotros), ("vos", .vos), ("yo y tú", nil), ("", nil),
        ] as [(String, GrammaticalPerson?)]
    ) func personsAreRead(_ name: String, _ person: GrammaticalPerson?) {
        #expect(GrammaticalPerson(name: name) == person)
    }

    @Test(arguments: [
        ("contradecir", "contradice contradecid contradecí"), ("desdecir", "desdice desdecid desdecí"),
        ("predecir", "predice predecid predecí"), ("decir", "di decid decí"), ("dar", "da dad"), ("ver", "ve ved"),
        ("prever", "prevé preved"), ("ir", "ve id"), ("ser", "sé sed"), ("huir", "huye huid hui"),
        ("criar", "cría criad cria"), ("reír", "ríe reíd reí"), ("hablar", "habla hablad hablá"),
        ("detener", "detén detened detené"), ("podrir", "pudre pudrid pudrí"),
    ]) func imperatives(_ verb: String, _ forms: String) throws {
        let known = try #require(Infinitive(verb).flatMap(Verb.init(known:)))
        #expect(Set(known.imperatives) == Set(forms.split(separator: " ").map(String.init)))
    }

    @Test(arguments: [
        "imperfect subjunctive (conditional sentences)", "imperfecto de subjuntivo en oraciones condicionales",
    ]) func aSubjunctiveMayStandInConditionalSentences(_ name: String) {
        #expect(SubjunctiveTense(name: name) == .imperfect)
    }
}
