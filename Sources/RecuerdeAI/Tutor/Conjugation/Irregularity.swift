/// What is irregular in a verb and in all that are made of it by something put before; whatever is missing here
/// follows the rules.
struct Irregularity: Sendable {
    /// Stems of the present subjunctive in all persons, and of yo in the indicative: `teng` of tener.
    var presentStems: [String] = []
    /// The yo form of the indicative where it is not such a stem with -o: `soy`.
    var yo: [String] = []
    /// The whole present indicative, in the order of ``GrammaticalPerson``.
    var present: [String] = []
    /// Whether the endings are stressed in every person, so that they bear the accents: esté, estás.
    var stressesEndings = false
    /// The third person plural of the preterite without its -ron: `tuvie` of tener.
    var past: String?
    /// The first and third person of a strong preterite where they are not the stem with -e and -o: `hizo`.
    var strongPast: (yo: String, el: String)?
    /// The stem of the future and the conditional: `tendr`.
    var future: String?
    /// The imperfect indicative of yo: `era`.
    var imperfect: String?
    var gerund: String?
    /// The imperative of tú: `ten`.
    var imperative: String?
    /// Another stem than the infinitive shows: `pudr` of podrir.
    var stem: String?
}
