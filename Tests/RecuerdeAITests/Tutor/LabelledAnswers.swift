@testable import RecuerdeAI

/// Answers as learners give them, each labelled by hand with what went wrong.
///
/// Written down before the diagnosis was run on them; a line that it reads otherwise stays as it is.
enum LabelledAnswers {
    struct Line: Sendable, CustomStringConvertible {
        let label: String
        let verb: String
        let tense: String
        let person: String
        let right: String
        let answer: String

        var description: String { "\(answer) for \(right) (\(verb), \(person)): \(label)" }

        var request: FeedbackRequest {
            FeedbackRequest(
                userAnswer: answer,
                correctAnswer: right,
                exerciseContext: Exercise(verb: verb, tense: tense, person: person)
            )
        }
    }

    private static let tenses = [
        "P": "present subjunctive", "I": "imperfect subjunctive", "PP": "present perfect subjunctive",
        "PL": "pluperfect subjunctive",
    ]

    /// One line each: label; verb; tense; person; right form; answer.
    static let all: [Line] = text.split(separator: "\n").compactMap { line in
        let parts = line.split(separator: ";").map { String($0.drop { $0 == " " }) }
        guard parts.count == 6, let tense = tenses[parts[2]] else { return nil }
        return Line(label: parts[0], verb: parts[1], tense: tense, person: parts[3], right: parts[4], answer: parts[5])
    }

    static let text = """
        indicative; hablar; P; yo; hable; hablo
        indicative; tener; P; tú; tengas; tienes
        indicative; venir; P; él; venga; viene
        indicative; poder; P; nosotros; podamos; podemos
        indicative; hacer; P; ellos; hagan; hacen
        indicative; ser; P; él; sea; es
        indicative; estar; P; yo; esté; estoy
        indicative; ir; P; tú; vayas; vas
        indicative; saber; P; nosotros; sepamos; sabemos
        indicative; decir; P; yo; diga; digo
        indicative; querer; P; ella; quiera; quiere
        indicative; llegar; P; ellos; lleguen; llegan
        indicative; vivir; P; vosotros; viváis; vivís
        indicative; comer; P; tú; comas; comes
        indicative; dormir; P; nosotros; durmamos; dormimos
        indicative; pedir; P; tú; pidas; pides
        indicative; conocer; P; yo; conozca; conozco
        indicative; salir; P; usted; salga; sale
        indicative; poner; P; ustedes; pongan; ponen
        indicative; traer; P; yo; traiga; traigo
        indicative; haber; P; él; haya; ha
        indicative; empezar; P; él; empiece; empieza
        indicative; construir; P; ellos; construyan; construyen
        indicative; estar; P; ellos; estén; estan
        indicative; volver; P; él; vuelva; volverá
        indicative; llegar; P; él; llegue; llegará
        indicative; terminar; P; yo; termine; terminaré
        indicative; ver; P; ellos; vean; verán
        indicative; tener; P; nosotros; tengamos; tendremos
        indicative; tener; I; yo; tuviera; tenía
        indicative; hablar; I; él; hablara; habló
        indicative; ir; I; nosotros; fuéramos; fuimos
        indicative; poder; I; tú; pudieras; podías
        indicative; hacer; I; ellos; hicieran; hicieron
        indicative; ser; I; él; fuera; era
        indicative; decir; I; yo; dijera; dije
        indicative; querer; I; ellos; quisieran; querían
        indicative; llegar; I; tú; llegaras; llegaste
        indicative; venir; I; él; viniera; vendría
        indicative; saber; I; yo; supiera; sabría
        indicative; haber; I; él; hubiera; había
        indicative; estudiar; I; tú; estudiaras; estudiarías
        indicative; estar; I; nosotros; estuviéramos; estábamos
        indicative; tener; I; tú; tuvieras; tenias
        indicative; hacer; I; yo; hiciera; haria
        indicative; vivir; I; nosotros; viviéramos; vivíamos
        indicative; terminar; PP; yo; haya terminado; he terminado
        indicative; ver; PP; tú; hayas visto; has visto
        indicative; llegar; PP; ellos; hayan llegado; han llegado
        indicative; salir; PP; él; haya salido; habrá salido
        indicative; saber; PL; yo; hubiera sabido; había sabido
        indicative; decir; PL; tú; hubieras dicho; habrías dicho
        indicative; hacer; PL; nosotros; hubiéramos hecho; habíamos hecho
        indicative; ir; PL; ellos; hubieran ido; habrían ido
        indicative; comer; PL; él; hubiera comido; habia comido
        indicative; levantarse; P; yo; me levante; me levanto
        indicative; acostarse; P; ellos; se acuesten; se acuestan
        indicative; sentirse; P; tú; te sientas; te sientes
        otherPerson; hablar; P; yo; hable; hables
        otherPerson; comer; P; ellos; coman; coma
        otherPerson; tener; P; nosotros; tengamos; tengan
        otherPerson; ir; P; él; vaya; vayas
        otherPerson; ser; P; tú; seas; sea
        otherPerson; pedir; P; vosotros; pidáis; pidan
        otherPerson; salir; P; nosotras; salgamos; salga
        otherPerson; querer; P; ustedes; quieran; queráis
        otherPerson; poder; P; yo; pueda; puedan
        otherPerson; estar; P; él; esté; estés
        otherPerson; hacer; P; tú; hagas; hagáis
        otherPerson; venir; P; vosotros; vengáis; vengas
        otherPerson; hablar; I; ellos; hablaran; hablara
        otherPerson; tener; I; yo; tuviera; tuvieras
        otherPerson; ir; I; nosotros; fuéramos; fueran
        otherPerson; decir; I; tú; dijeras; dijera
        otherPerson; saber; I; vosotros; supierais; supieras
        otherPerson; vivir; I; él; viviera; viviéramos
        otherPerson; hacer; PP; nosotros; hayamos hecho; hayan hecho
        otherPerson; ver; PP; yo; haya visto; hayas visto
        otherPerson; poder; PL; tú; hubieras podido; hubiera podido
        otherPerson; llegar; PL; ellos; hubieran llegado; hubiéramos llegado
        otherPerson; hablar; P; tú; hables; hablés
        otherPerson; vestirse; P; yo; me vista; te vistas
        otherPerson; comprar; P; tú; compres; compreis
        otherTense; hablar; P; yo; hable; hablara
        otherTense; tener; P; él; tenga; tuviera
        otherTense; ir; P; nosotros; vayamos; fuéramos
        otherTense; decir; P; tú; digas; dijeras
        otherTense; poder; P; ellos; puedan; pudiesen
        otherTense; venir; P; yo; venga; haya venido
        otherTense; comer; P; él; coma; haya comido
        otherTense; hablar; I; yo; hablara; hable
        otherTense; tener; I; tú; tuvieras; tengas
        otherTense; ser; I; él; fuera; sea
        otherTense; saber; I; ellos; supieran; sepan
        otherTense; hacer; I; nosotros; hiciéramos; hagamos
        otherTense; estar; I; yo; estuviera; hubiera estado
        otherTense; querer; I; él; quisiera; quiera
        otherTense; terminar; PP; yo; haya terminado; termine
        otherTense; llegar; PP; ellos; hayan llegado; hubieran llegado
        otherTense; ver; PP; tú; hayas visto; vieras
        otherTense; salir; PP; él; haya salido; salga
        otherTense; saber; PL; yo; hubiera sabido; supiera
        otherTense; decir; PL; tú; hubieras dicho; hayas dicho
        otherTense; ir; PL; nosotros; hubiéramos ido; fuéramos
        otherTense; hacer; PL; ellos; hubieran hecho; hicieran
        otherTense; hablar; I; él; hablara; hablare
        accentOnly; estar; P; yo; esté; este
        accentOnly; estar; P; ellos; estén; esten
        accentOnly; hablar; P; vosotros; habléis; hableis
        accentOnly; comer; P; vosotros; comáis; comais
        accentOnly; dar; P; él; dé; de
        accentOnly; hablar; I; nosotros; habláramos; hablaramos
        accentOnly; tener; I; nosotros; tuviéramos; tuvieramos
        accentOnly; ir; I; nosotras; fuéramos; fueramos
        accentOnly; hablar; I; él; hablara; hablará
        accentOnly; hablar; P; yo; hable; hablé
        accentOnly; llegar; P; ella; llegue; llegué
        accentOnly; enviar; P; yo; envíe; envie
        accentOnly; continuar; P; ellos; continúen; continuen
        accentOnly; reunir; P; ellos; reúnan; reunan
        accentOnly; prohibir; P; él; prohíba; prohiba
        accentOnly; actuar; P; tú; actúes; actues
        accentOnly; reír; P; yo; ría; ria
        accentOnly; caer; PP; él; haya caído; haya caido
        accentOnly; leer; PP; yo; haya leído; haya leido
        accentOnly; hacer; PL; nosotros; hubiéramos hecho; hubieramos hecho
        accentOnly; tener; P; nosotros; tengamos; téngamos
        accentOnly; ser; P; vosotros; seáis; seais
        accentOnly; confiar; P; nosotros; confiemos; confíemos
        dotsOverU; averiguar; P; yo; averigüe; averigue
        dotsOverU; llegar; P; ellos; lleguen; llegüen
        dotsOverU; apaciguar; P; tú; apacigües; apacigues
        dotsOverU; avergonzarse; P; yo; me avergüence; me averguence
        infinitive; hablar; P; yo; hable; hablar
        infinitive; tener; P; tú; tengas; tener
        infinitive; ir; P; nosotros; vayamos; ir
        infinitive; oír; P; ellos; oigan; oir
        infinitive; hacer; I; él; hiciera; hacer
        infinitive; levantarse; P; yo; me levante; levantarme
        infinitive; levantarse; P; ellos; se levanten; levantarse
        infinitive; quejarse; P; tú; te quejes; quejar
        infinitive; ver; PP; yo; haya visto; ver
        gerund; hablar; P; yo; hable; hablando
        gerund; dormir; P; él; duerma; durmiendo
        gerund; ir; P; nosotros; vayamos; yendo
        participleAlone; hablar; P; yo; hable; hablado
        participleAlone; escribir; I; él; escribiera; escrito
        imperative; hacer; P; tú; hagas; haz
        imperative; decir; P; tú; digas; di
        imperative; hablar; P; vosotros; habléis; hablad
        imperative; poner; P; tú; pongas; pon
        missedStemChange; pensar; P; yo; piense; pense
        missedStemChange; volver; P; tú; vuelvas; volvas
        missedStemChange; cerrar; P; él; cierre; cerre
        missedStemChange; entender; P; ellos; entiendan; entendan
        missedStemChange; contar; P; yo; cuente; conte
        missedStemChange; encontrar; P; tú; encuentres; encontres
        missedStemChange; dormir; P; él; duerma; dorma
        missedStemChange; sentir; P; yo; sienta; senta
        missedStemChange; pedir; P; tú; pidas; pedas
        missedStemChange; servir; P; ellos; sirvan; servan
        missedStemChange; seguir; P; yo; siga; sega
        missedStemChange; repetir; P; él; repita; repeta
        missedStemChange; mover; P; tú; muevas; movas
        missedStemChange; jugar; P; ellos; jueguen; juguen
        missedStemChange; dormir; P; nosotros; durmamos; dormamos
        missedStemChange; sentir; P; nosotros; sintamos; sentamos
        missedStemChange; pedir; P; nosotros; pidamos; pedamos
        missedStemChange; preferir; P; vosotros; prefiráis; preferáis
        missedStemChange; dormir; I; yo; durmiera; dormiera
        missedStemChange; pedir; I; él; pidiera; pediera
        missedStemChange; sentir; I; tú; sintieras; sentieras
        missedStemChange; morir; I; ellos; murieran; morieran
        missedStemChange; seguir; I; él; siguiera; seguiera
        missedStemChange; despertarse; P; yo; me despierte; me desperte
        needlessStemChange; pensar; P; nosotros; pensemos; piensemos
        needlessStemChange; volver; P; nosotros; volvamos; vuelvamos
        needlessStemChange; contar; P; vosotros; contéis; cuentéis
        needlessStemChange; poder; P; nosotros; podamos; puedamos
        needlessStemChange; querer; P; nosotros; queramos; quieramos
        needlessStemChange; jugar; P; nosotros; juguemos; jueguemos
        needlessStemChange; cerrar; P; nosotras; cerremos; cierremos
        needlessStemChange; entender; P; vosotros; entendáis; entiendáis
        needlessStemChange; empezar; P; nosotros; empecemos; empiecemos
        needlessStemChange; dormir; P; nosotros; durmamos; duermamos
        needlessStemChange; sentir; P; nosotros; sintamos; sientamos
        needlessStemChange; contar; I; yo; contara; cuentara
        needlessStemChange; pensar; I; él; pensara; piensara
        needlessStemChange; volver; I; ellos; volvieran; vuelvieran
        needlessStemChange; entender; I; tú; entendieras; entiendieras
        needlessStemChange; jugar; I; nosotros; jugáramos; juegáramos
        needlessStemChange; deber; P; yo; deba; dieba
        needlessStemChange; comer; P; ellos; coman; cueman
        needlessStemChange; aprender; P; tú; aprendas; apriendas
        needlessStemChange; cerrar; I; yo; cerrara; cierrara
        otherStemChange; pedir; P; yo; pida; pieda
        otherStemChange; servir; P; él; sirva; sierva
        otherStemChange; sentir; P; yo; sienta; sinta
        otherStemChange; dormir; P; tú; duermas; durmas
        otherStemChange; repetir; P; ellos; repitan; repietan
        otherStemChange; dormir; I; él; durmiera; duermiera
        otherStemChange; sentir; I; ellos; sintieran; sientieran
        missedSpelling; buscar; P; yo; busque; busce
        missedSpelling; llegar; P; tú; llegues; lleges
        missedSpelling; pagar; P; ellos; paguen; pagen
        missedSpelling; sacar; P; él; saque; sace
        missedSpelling; tocar; P; nosotros; toquemos; tocemos
        missedSpelling; explicar; P; tú; expliques; explices
        missedSpelling; empezar; P; yo; empiece; empieze
        missedSpelling; cruzar; P; ellos; crucen; cruzen
        missedSpelling; almorzar; P; él; almuerce; almuerze
        missedSpelling; organizar; P; nosotros; organicemos; organizemos
        missedSpelling; coger; P; yo; coja; coga
        missedSpelling; elegir; P; tú; elijas; eligas
        missedSpelling; proteger; P; él; proteja; protega
        missedSpelling; dirigir; P; ellos; dirijan; dirigan
        missedSpelling; seguir; P; yo; siga; sigua
        missedSpelling; conseguir; P; ellos; consigan; consiguan
        missedSpelling; vencer; P; él; venza; venca
        missedSpelling; convencer; P; tú; convenzas; convencas
        missedSpelling; distinguir; P; yo; distinga; distingua
        missedSpelling; jugar; P; él; juegue; juege
        missedSpelling; rogar; P; yo; ruegue; ruege
        missedSpelling; practicar; P; vosotros; practiquéis; practicéis
        missedSpelling; leer; I; yo; leyera; leiera
        missedSpelling; creer; I; ellos; creyeran; creieran
        missedSpelling; construir; I; él; construyera; construiera
        missedSpelling; caer; I; tú; cayeras; caieras
        missedSpelling; oír; I; ellos; oyeran; oieran
        missedSpelling; decir; I; ellos; dijeran; dijieran
        missedSpelling; traer; I; yo; trajera; trajiera
        missedSpelling; conducir; I; él; condujera; condujiera
        missedSpelling; huir; P; yo; huya; huia
        regularised; tener; P; yo; tenga; tena
        regularised; venir; P; él; venga; vena
        regularised; poner; P; tú; pongas; ponas
        regularised; salir; P; ellos; salgan; salan
        regularised; hacer; P; yo; haga; haca
        regularised; decir; P; tú; digas; decas
        regularised; saber; P; él; sepa; saba
        regularised; caber; P; ellos; quepan; caban
        regularised; conocer; P; yo; conozca; conoca
        regularised; conducir; P; él; conduzca; conduca
        regularised; ofrecer; P; tú; ofrezcas; ofrezas
        regularised; traducir; P; ellos; traduzcan; traducan
        regularised; oír; P; yo; oiga; oya
        regularised; traer; P; él; traiga; traa
        regularised; tener; P; tú; tengas; tienas
        regularised; venir; P; ellos; vengan; vienan
        regularised; tener; I; yo; tuviera; teniera
        regularised; poner; I; él; pusiera; poniera
        regularised; hacer; I; tú; hicieras; hacieras
        regularised; saber; I; ellos; supieran; sabieran
        regularised; andar; I; yo; anduviera; andara
        regularised; estar; I; él; estuviera; estara
        regularised; poder; I; tú; pudieras; podieras
        regularised; querer; I; yo; quisiera; queriera
        regularised; conducir; I; ellos; condujeran; conducieran
        regularised; venir; I; nosotros; viniéramos; veniéramos
        regularised; decir; I; él; dijera; deciera
        regularised; traer; I; nosotros; trajéramos; trayéramos
        regularised; satisfacer; I; él; satisficiera; satisfaciera
        regularised; mantener; I; yo; mantuviera; manteniera
        otherEndingClass; tener; P; yo; tenga; tenge
        otherEndingClass; salir; P; tú; salgas; salges
        otherEndingClass; hacer; P; él; haga; hage
        otherEndingClass; saber; P; yo; sepa; sepe
        otherEndingClass; ir; P; ellos; vayan; vayen
        otherEndingClass; buscar; P; yo; busque; busqua
        otherEndingClass; decir; P; tú; digas; digues
        otherEndingClass; ser; P; él; sea; see
        otherEndingClass; conocer; P; ellos; conozcan; conozquen
        otherEndingClass; hablar; I; ellos; hablaran; hablieran
        otherEndingClass; comer; I; yo; comiera; comara
        otherEndingClass; vivir; I; tú; vivieras; vivaras
        otherEndingClass; trabajar; I; él; trabajara; trabajiera
        otherEndingClass; escribir; I; nosotros; escribiéramos; escribáramos
        otherEndingClass; comprar; I; yo; comprara; compriera
        otherEndingClass; tener; I; él; tuviera; tuvara
        otherAuxiliary; hablar; PP; yo; haya hablado; halla hablado
        otherAuxiliary; salir; PP; él; haya salido; sea salido
        otherAuxiliary; llegar; PP; ellos; hayan llegado; estén llegado
        otherAuxiliary; terminar; PP; tú; hayas terminado; tengas terminado
        missingAuxiliary; hacer; PP; yo; haya hecho; hecho
        missingAuxiliary; ver; PL; él; hubiera visto; visto
        regularParticiple; escribir; PP; yo; haya escrito; haya escribido
        regularParticiple; hacer; PP; tú; hayas hecho; hayas hacido
        regularParticiple; decir; PP; él; haya dicho; haya decido
        regularParticiple; ver; PP; ellos; hayan visto; hayan veído
        regularParticiple; volver; PP; nosotros; hayamos vuelto; hayamos volvido
        regularParticiple; abrir; PL; yo; hubiera abierto; hubiera abrido
        regularParticiple; romper; PL; él; hubiera roto; hubiera rompido
        regularParticiple; poner; PP; tú; hayas puesto; hayas ponido
        regularParticiple; morir; PL; ellos; hubieran muerto; hubieran morido
        otherParticiple; hablar; PP; ella; haya hablado; haya hablada
        otherParticiple; llegar; PP; ellos; hayan llegado; hayan llegados
        otherParticiple; terminar; PP; yo; haya terminado; haya terminar
        otherParticiple; comer; PP; tú; hayas comido; hayas comiendo
        otherParticiple; ir; PL; él; hubiera ido; hubiera
        otherVerb; ser; P; él; sea; esté
        otherVerb; saber; P; tú; sepas; conozcas
        otherVerb; hablar; P; yo; hable; diga
        otherVerb; pedir; P; ellos; pidan; pregunten
        otherVerb; ir; P; nosotros; vayamos; vengamos
        otherVerb; traer; P; tú; traigas; lleves
        otherVerb; escuchar; P; él; escuche; oiga
        otherVerb; ver; P; yo; vea; mire
        otherVerb; ser; I; él; fuera; estuviera
        otherVerb; poder; I; tú; pudieras; pusieras
        otherVerb; haber; P; él; haya; tenga
        otherVerb; salir; P; ellos; salgan; dejen
        otherVerb; conocer; PP; yo; haya conocido; haya sabido
        otherVerb; quedar; P; tú; quedes; te quejes
        typingError; hablar; P; yo; hable; hablee
        typingError; trabajar; P; tú; trabajes; trabjaes
        typingError; estudiar; P; ellos; estudien; estuiden
        typingError; escribir; P; yo; escriba; escirba
        typingError; necesitar; P; él; necesite; nescesite
        typingError; comprender; P; nosotros; comprendamos; comprendmos
        typingError; llegar; P; yo; llegue; yegue
        typingError; hacer; P; tú; hagas; agas
        typingError; haber; I; él; hubiera; ubiera
        typingError; vivir; P; ellos; vivan; viban
        typingError; aprender; P; yo; aprenda; aprenada
        typingError; tener; I; yo; tuviera; tubiera
        typingError; preguntar; P; tú; preguntes; perguntes
        typingError; decir; I; él; dijera; digera
        typingError; explicar; P; él; explique; esplique
        typingError; enseñar; P; yo; enseñe; ensene
        typingError; recordar; P; tú; recuerdes; recuerds
        typingError; conocer; P; ella; conozca; conosca
        typingError; esperar; PP; yo; haya esperado; haya esprado
        typingError; entender; P; él; entienda; entiedna
        missingPronoun; levantarse; P; yo; me levante; levante
        missingPronoun; acostarse; P; ellos; se acuesten; acuesten
        missingPronoun; quejarse; I; tú; te quejaras; quejaras
        otherPronoun; levantarse; P; yo; me levante; se levante
        otherPronoun; sentirse; P; él; se sienta; le sienta
        otherPronoun; irse; P; nosotros; nos vayamos; se vayamos
        extraWords; hablar; P; yo; hable; yo hable
        extraWords; venir; P; tú; vengas; que vengas
        extraWords; comer; P; ella; coma; ella coma
        extraWords; hacer; P; él; haga; lo haga
        extraWords; hablar; I; yo; hablara; yo hablase
        accentOfOtherForm; hablar; I; nosotros; habláramos; hablasemos
        accentOfOtherForm; tener; I; nosotros; tuviéramos; tuviesemos
        accentOfOtherForm; decir; I; nosotros; dijéramos; dijesemos
        accentOfOtherForm; ir; I; nosotras; fuéramos; fuesemos
        accentOfOtherForm; ver; PL; nosotros; hubiéramos visto; hubiesemos visto
        indicative; tener; P; tú; tengas; tiene
        indicative; pensar; P; nosotros; pensemos; piensas
        indicative; decir; I; ellos; dijeran; dijo
        otherTense; tener; P; tú; tengas; tuviera
        otherTense; poder; I; yo; pudiera; puedas
        missedSpelling; buscar; P; tú; busques; busce
        regularised; tener; I; ellos; tuvieran; teniera
        otherSubject; hablar; P; yo; yo hable; ellos hable
        otherSubject; venir; P; tú; vengas; él vengas
        otherWords; venir; P; él; que venga; venga
        otherWords; salir; P; yo; no salga; salga
        otherRightForm; hablar; I; yo; hablara; hablase
        otherRightForm; tener; I; ellos; tuvieran; tuviesen
        otherRightForm; ir; I; nosotros; fuésemos; fuéramos
        otherRightForm; ver; PL; yo; hubiera visto; hubiese visto
        otherRightForm; contar; P; vos; cuentes; contés
        otherRightForm; imprimir; PP; él; haya impreso; haya imprimido
        otherRightForm; roer; P; él; roa; roiga
        otherRightForm; levantarse; I; yo; me levantara; me levantase
        right; hablar; P; yo; hable; Hable
        right; ir; P; tú; vayas;  vayas
        unknown; hablar; P; yo; hable; no sé
        unknown; tener; P; tú; tengas; xyz
        unknown; ser; P; él; sea; I am
        unknown; venir; P; ellos; vengan; ???
        """
}
