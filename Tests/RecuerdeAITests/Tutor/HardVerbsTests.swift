import Testing

@testable import RecuerdeAI

/// Forms of the verbs that conjugators get wrong, as the paradigms of the Academy give them (Diccionario de la lengua
/// española, conjugation tables; Nueva gramática, chapter 4; Ortografía of 2010 for words of one syllable).
@Suite struct HardVerbsTests {
    /// Present subjunctive: yo, tú, él, nosotros, vosotros, ellos.
    @Test(arguments: [
        ("jugar", "juegue juegues juegue juguemos juguéis jueguen"),
        ("oler", "huela huelas huela olamos oláis huelan"),
        ("errar", "yerre yerres yerre erremos erréis yerren"),
        ("erguir", "yerga yergas yerga irgamos irgáis yergan"),
        ("reír", "ría rías ría riamos riais rían"),
        ("sonreír", "sonría sonrías sonría sonriamos sonriáis sonrían"),
        ("freír", "fría frías fría friamos friais frían"),
        ("desleír", "deslía deslías deslía desliamos desliáis deslían"),
        ("yacer", "yazca yazcas yazca yazcamos yazcáis yazcan"),
        ("asir", "asga asgas asga asgamos asgáis asgan"),
        ("caber", "quepa quepas quepa quepamos quepáis quepan"),
        ("prever", "prevea preveas prevea preveamos preveáis prevean"),
        ("satisfacer", "satisfaga satisfagas satisfaga satisfagamos satisfagáis satisfagan"),
        ("deshacer", "deshaga deshagas deshaga deshagamos deshagáis deshagan"),
        ("bendecir", "bendiga bendigas bendiga bendigamos bendigáis bendigan"),
        ("maldecir", "maldiga maldigas maldiga maldigamos maldigáis maldigan"),
        ("predecir", "prediga predigas prediga predigamos predigáis predigan"),
        ("argüir", "arguya arguyas arguya arguyamos arguyáis arguyan"),
        ("delinquir", "delinca delincas delinca delincamos delincáis delincan"),
        ("avergonzar", "avergüence avergüences avergüence avergoncemos avergoncéis avergüencen"),
        ("forzar", "fuerce fuerces fuerce forcemos forcéis fuercen"),
        ("colgar", "cuelgue cuelgues cuelgue colguemos colguéis cuelguen"),
        ("rogar", "ruegue ruegues ruegue roguemos roguéis rueguen"),
        ("seguir", "siga sigas siga sigamos sigáis sigan"),
        ("dormir", "duerma duermas duerma durmamos durmáis duerman"),
        ("morir", "muera mueras muera muramos muráis mueran"),
        ("podrir", "pudra pudras pudra pudramos pudráis pudran"),
        ("pudrir", "pudra pudras pudra pudramos pudráis pudran"),
        ("adquirir", "adquiera adquieras adquiera adquiramos adquiráis adquieran"),
        ("inquirir", "inquiera inquieras inquiera inquiramos inquiráis inquieran"),
        ("discernir", "discierna disciernas discierna discernamos discernáis disciernan"),
        ("prohibir", "prohíba prohíbas prohíba prohibamos prohibáis prohíban"),
        ("reunir", "reúna reúnas reúna reunamos reunáis reúnan"),
        ("aislar", "aísle aísles aísle aislemos aisléis aíslen"),
        ("ahijar", "ahíje ahíjes ahíje ahijemos ahijéis ahíjen"),
        ("rehusar", "rehúse rehúses rehúse rehusemos rehuséis rehúsen"),
        ("rehuir", "rehúya rehúyas rehúya rehuyamos rehuyáis rehúyan"),
        ("enraizar", "enraíce enraíces enraíce enraicemos enraicéis enraícen"),
        ("aullar", "aúlle aúlles aúlle aullemos aulléis aúllen"),
        ("actuar", "actúe actúes actúe actuemos actuéis actúen"),
        ("averiguar", "averigüe averigües averigüe averigüemos averigüéis averigüen"),
        ("enviar", "envíe envíes envíe enviemos enviéis envíen"),
        ("guiar", "guíe guíes guíe guiemos guieis guíen"),
        ("criar", "críe críes críe criemos crieis críen"),
        ("cambiar", "cambie cambies cambie cambiemos cambiéis cambien"),
        ("agriar", "agrie agries agrie agriemos agriéis agrien"),
        ("roer", "roa roas roa roamos roáis roan"),
        ("raer", "raiga raigas raiga raigamos raigáis raigan"),
        ("huir", "huya huyas huya huyamos huyáis huyan"),
        ("oír", "oiga oigas oiga oigamos oigáis oigan"),
        ("traer", "traiga traigas traiga traigamos traigáis traigan"),
        ("conducir", "conduzca conduzcas conduzca conduzcamos conduzcáis conduzcan"),
        ("placer", "plazca plazcas plazca plazcamos plazcáis plazcan"),
        ("haber", "haya hayas haya hayamos hayáis hayan"),
        ("degollar", "degüelle degüelles degüelle degollemos degolléis degüellen"),
        ("desosar", "deshuese deshueses deshuese desosemos desoséis deshuesen"),
        ("agorar", "agüere agüeres agüere agoremos agoréis agüeren"),
        ("cocer", "cueza cuezas cueza cozamos cozáis cuezan"),
        ("torcer", "tuerza tuerzas tuerza torzamos torzáis tuerzan"),
        ("mecer", "meza mezas meza mezamos mezáis mezan"),
        ("estremecer", "estremezca estremezcas estremezca estremezcamos estremezcáis estremezcan"),
        ("esparcir", "esparza esparzas esparza esparzamos esparzáis esparzan"),
        ("regir", "rija rijas rija rijamos rijáis rijan"),
        ("zaherir", "zahiera zahieras zahiera zahiramos zahiráis zahieran"),
        ("henchir", "hincha hinchas hincha hinchamos hincháis hinchan"),
        ("dar", "dé des dé demos deis den"),
        ("abolir", "abola abolas abola abolamos aboláis abolan"),
        ("contradecir", "contradiga contradigas contradiga contradigamos contradigáis contradigan"),
    ]) func presentSubjunctive(_ verb: String, _ forms: String) throws {
        #expect(try Self.first(verb, .present) == forms.split(separator: " ").map(String.init))
    }

    /// Imperfect subjunctive in -ra: the same persons.
    @Test(arguments: [
        ("erguir", "irguiera irguieras irguiera irguiéramos irguierais irguieran"),
        ("reír", "riera rieras riera riéramos rierais rieran"),
        ("freír", "friera frieras friera friéramos frierais frieran"),
        ("asir", "asiera asieras asiera asiéramos asierais asieran"),
        ("caber", "cupiera cupieras cupiera cupiéramos cupierais cupieran"),
        ("prever", "previera previeras previera previéramos previerais previeran"),
        ("satisfacer", "satisficiera satisficieras satisficiera satisficiéramos satisficierais satisficieran"),
        ("deshacer", "deshiciera deshicieras deshiciera deshiciéramos deshicierais deshicieran"),
        ("bendecir", "bendijera bendijeras bendijera bendijéramos bendijerais bendijeran"),
        ("argüir", "arguyera arguyeras arguyera arguyéramos arguyerais arguyeran"),
        ("delinquir", "delinquiera delinquieras delinquiera delinquiéramos delinquierais delinquieran"),
        ("morir", "muriera murieras muriera muriéramos murierais murieran"),
        ("podrir", "pudriera pudrieras pudriera pudriéramos pudrierais pudrieran"),
        ("adquirir", "adquiriera adquirieras adquiriera adquiriéramos adquirierais adquirieran"),
        ("discernir", "discerniera discernieras discerniera discerniéramos discernierais discernieran"),
        ("roer", "royera royeras royera royéramos royerais royeran"),
        ("raer", "rayera rayeras rayera rayéramos rayerais rayeran"),
        ("huir", "huyera huyeras huyera huyéramos huyerais huyeran"),
        ("oír", "oyera oyeras oyera oyéramos oyerais oyeran"),
        ("traer", "trajera trajeras trajera trajéramos trajerais trajeran"),
        ("conducir", "condujera condujeras condujera condujéramos condujerais condujeran"),
        ("haber", "hubiera hubieras hubiera hubiéramos hubierais hubieran"),
        ("gruñir", "gruñera gruñeras gruñera gruñéramos gruñerais gruñeran"),
        ("bullir", "bullera bulleras bullera bulléramos bullerais bulleran"),
        ("teñir", "tiñera tiñeras tiñera tiñéramos tiñerais tiñeran"),
        ("tañer", "tañera tañeras tañera tañéramos tañerais tañeran"),
        ("desandar", "desanduviera desanduvieras desanduviera desanduviéramos desanduvierais desanduvieran"),
        ("querer", "quisiera quisieras quisiera quisiéramos quisierais quisieran"),
        ("yacer", "yaciera yacieras yaciera yaciéramos yacierais yacieran"),
        ("guiar", "guiara guiaras guiara guiáramos guiarais guiaran"),
        ("poseer", "poseyera poseyeras poseyera poseyéramos poseyerais poseyeran"),
    ]) func imperfectSubjunctive(_ verb: String, _ forms: String) throws {
        #expect(try Self.first(verb, .imperfect) == forms.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("hablar", "hablare hablares hablare habláremos hablareis hablaren"),
        ("haber", "hubiere hubieres hubiere hubiéremos hubiereis hubieren"),
        ("decir", "dijere dijeres dijere dijéremos dijereis dijeren"),
        ("leer", "leyere leyeres leyere leyéremos leyereis leyeren"),
    ]) func futureSubjunctive(_ verb: String, _ forms: String) throws {
        #expect(try Self.first(verb, .future) == forms.split(separator: " ").map(String.init))
    }

    /// Of each person the form that is taught, which stands first.
    private static func first(_ text: String, _ tense: SubjunctiveTense) throws -> [String] {
        let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
        return try GrammaticalPerson.allCases.filter { $0 != .vos }.map { try #require(verb.forms(tense, $0).first) }
    }

    @Test(arguments: [
        ("erguir", "irga", GrammaticalPerson.yo), ("erguir", "yergamos", .nosotros), ("erguir", "yergáis", .vosotros),
        ("yacer", "yaga", .el), ("yacer", "yazga", .el), ("roer", "roiga", .yo), ("roer", "roya", .yo),
        ("raer", "raya", .yo), ("agriar", "agríe", .yo), ("adecuar", "adecúe", .yo), ("adecuar", "adecue", .yo),
        ("placer", "plega", .el), ("engrosar", "engruese", .yo),
    ]) func otherFormsThatTheAcademyAdmits(_ text: String, _ form: String, _ person: GrammaticalPerson) throws {
        let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
        #expect(verb.forms(SubjunctiveTense.present, person).contains(form))
    }

    /// Vos: the form of tú, and that of vosotros without its i.
    @Test(arguments: [
        ("prohibir", "prohíbas prohibás"), ("reunir", "reúnas reunás"), ("guiar", "guíes guies"), ("reír", "rías rias"),
        ("ir", "vayas vayás"), ("haber", "hayas hayás"), ("oler", "huelas olás"), ("dar", "des"),
        ("morir", "mueras murás"),
        ("avergonzar", "avergüences avergoncés"), ("rehuir", "rehúyas rehuyás"), ("decir", "digas digás"),
    ]) func vos(_ text: String, _ forms: String) throws {
        let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
        #expect(verb.forms(SubjunctiveTense.present, .vos) == forms.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("freír", "frito freído"), ("proveer", "provisto proveído"), ("imprimir", "impreso imprimido"),
        ("predecir", "predicho"), ("bendecir", "bendecido"), ("elegir", "elegido"), ("satisfacer", "satisfecho"),
        ("prever", "previsto"), ("argüir", "argüido"), ("oír", "oído"), ("huir", "huido"), ("pudrir", "podrido"),
        ("inscribir", "inscrito inscripto"), ("absolver", "absuelto"), ("encubrir", "encubierto"), ("traer", "traído"),
        ("corromper", "corrompido"), ("roer", "roído"), ("componer", "compuesto"), ("soltar", "soltado"),
    ]) func participles(_ text: String, _ forms: String) throws {
        let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
        #expect(verb.participles == forms.split(separator: " ").map(String.init))
    }

    /// What a learner may write instead, and what hints start from.
    @Test(arguments: [
        ("reír", IndicativeTense.preterite, "reí reíste rio reímos reísteis rieron"),
        ("guiar", .preterite, "guie guiaste guio guiamos guiasteis guiaron"),
        ("huir", .preterite, "hui huiste huyó huimos huisteis huyeron"),
        ("ver", .preterite, "vi viste vio vimos visteis vieron"),
        ("prever", .preterite, "preví previste previó previmos previsteis previeron"),
        ("dar", .preterite, "di diste dio dimos disteis dieron"),
        ("ir", .preterite, "fui fuiste fue fuimos fuisteis fueron"),
        ("hacer", .preterite, "hice hiciste hizo hicimos hicisteis hicieron"),
        ("rehacer", .preterite, "rehíce rehiciste rehízo rehicimos rehicisteis rehicieron"),
        ("conducir", .preterite, "conduje condujiste condujo condujimos condujisteis condujeron"),
        ("argüir", .preterite, "argüí argüiste arguyó argüimos argüisteis arguyeron"),
        ("oír", .preterite, "oí oíste oyó oímos oísteis oyeron"),
        ("averiguar", .preterite, "averigüé averiguaste averiguó averiguamos averiguasteis averiguaron"),
        ("oír", .present, "oigo oyes oye oímos oís oyen"), ("reír", .present, "río ríes ríe reímos reís ríen"),
        ("huir", .present, "huyo huyes huye huimos huis huyen"), ("ver", .present, "veo ves ve vemos veis ven"),
        ("prever", .present, "preveo prevés prevé prevemos prevéis prevén"),
        ("estar", .present, "estoy estás está estamos estáis están"),
        ("seguir", .present, "sigo sigues sigue seguimos seguís siguen"),
        ("argüir", .present, "arguyo arguyes arguye argüimos argüís arguyen"),
        ("tener", .present, "tengo tienes tiene tenemos tenéis tienen"),
        ("oler", .present, "huelo hueles huele olemos oléis huelen"),
        ("ser", .imperfect, "era eras era éramos erais eran"), ("ir", .imperfect, "iba ibas iba íbamos ibais iban"),
        ("prever", .imperfect, "preveía preveías preveía preveíamos preveíais preveían"),
        ("poner", .future, "pondré pondrás pondrá pondremos pondréis pondrán"),
        ("oír", .future, "oiré oirás oirá oiremos oiréis oirán"),
        ("hacer", .conditional, "haría harías haría haríamos haríais harían"),
    ]) func indicative(_ text: String, _ tense: IndicativeTense, _ forms: String) throws {
        let verb = try #require(Infinitive(text).flatMap(Verb.init(known:)))
        let made = try GrammaticalPerson.allCases.filter { $0 != .vos }.map {
            try #require(verb.forms(tense, $0).first)
        }
        #expect(made == forms.split(separator: " ").map(String.init))
    }

    @Test func noVerbStandsInTwoLists() {
        let lists = [Set(VerbLexicon.stemChanging), Set(VerbLexicon.accented), VerbLexicon.regular]
        for (index, list) in lists.enumerated() {
            for other in lists.dropFirst(index + 1) { #expect(list.isDisjoint(with: other)) }
        }
        let irregular = Set(VerbLexicon.irregular.keys).union(VerbLexicon.derived.keys)
        #expect(irregular.isDisjoint(with: VerbLexicon.regular) && irregular.isDisjoint(with: VerbLexicon.accented))
    }

    @Test(arguments: [
        "amasar", "guisar", "suicidar", "parquear", "accionar", "ramificar", "palidecer", "recluir",
    ])
    func aRuleWithoutExceptionsMakesAVerbKnown(_ text: String) throws {
        #expect(Verb(known: try #require(Infinitive(text))) != nil)
    }

    /// What may change a vowel, has two ways that differ in meaning, or lacks forms.
    @Test(arguments: [
        "aterrar", "aferrar", "emparentar", "templar", "desairar", "balbucir", "conciliar", "embaucar", "dar de",
    ])
    func whatNoListAndNoRuleCoversIsNotKnown(_ text: String) {
        #expect(Infinitive(text).flatMap(Verb.init(known:)) == nil)
    }
}
