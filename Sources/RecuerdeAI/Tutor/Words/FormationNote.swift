/// How the right form comes about, step by step, as far as the steps certainly lead there.
///
/// Each case carries what it starts from and what is put to it; it is made only where both together give the form.
enum FormationNote: Sendable, Hashable {
    /// A stem that no other form shows: sep-, -a.
    case ownStem(String, ending: String)
    /// The regular stem with stressed endings: est-, -é.
    case stressedEnding(String, ending: String)
    /// From the yo form of the present indicative; with a change of spelling where one is needed.
    case fromYo(String, ending: String, spelling: Spelling?)
    /// The same from the form of él, of a verb that has no form of yo.
    case fromEl(String, ending: String)
    /// From the stem of the infinitive, since the stress leaves the stem.
    case fromInfinitive(String, ending: String, spelling: Spelling?)
    /// The same with its vowel closed: durm-, -amos.
    case closed(String, ending: String, before: Character, after: Character)
    /// From the third person plural of the preterite.
    case fromPreterite(String, ending: String, accent: Bool)
    /// Haber and a participle.
    case compound(auxiliary: String, tense: SubjunctiveTense, participle: String, isIrregular: Bool)

    /// What is written how before the vowel of the ending.
    struct Spelling: Sendable, Hashable {
        let before: String
        let after: String
        let vowel: Character
    }

    /// The note for what an exercise asks for; nil where no steps are certain.
    init?(_ target: ExerciseTarget) {
        guard let person = target.persons.first else { return nil }
        switch target.tense {
        case .present:
            self.init(present: target.right, target.verb, person)
        case .imperfect, .future:
            self.init(past: target.right, target.verb, person)
        case .presentPerfect, .pluperfect, .futurePerfect:
            let words = target.right.split(separator: " ").map(String.init)
            guard words.count == 2, let auxiliary = target.tense.auxiliary else { return nil }
            self = .compound(
                auxiliary: words[0],
                tense: auxiliary,
                participle: words[1],
                isIrregular: words[1] != target.verb.regularParticiple
            )
        }
    }

    private init?(present right: String, _ verb: Verb, _ person: GrammaticalPerson) {
        guard let (stem, ending) = Self.split(right, verb, person) else { return nil }
        if verb.infinitive.hasOwnStem {
            self = .ownStem(stem, ending: ending)
            return
        }
        if verb.infinitive.conjugation == .ar, verb.irregularity?.stressesEndings == true {
            self = .stressedEnding(stem, ending: ending)
            return
        }
        if verb.infinitive.lacksYo {
            guard let el = verb.presentIndicative(.el).first, String(el.dropLast()) == stem else { return nil }
            self = .fromEl(el, ending: ending)
            return
        }
        for yo in verb.yoForms where yo.hasSuffix("o") {
            let base = String(yo.dropLast())
            if base == stem {
                self = .fromYo(yo, ending: ending, spelling: nil)
                return
            }
            if let spelling = Self.spelling(base, stem, verb) {
                self = .fromYo(yo, ending: ending, spelling: spelling)
                return
            }
        }
        guard !person.isStemStressed else { return nil }
        if stem == verb.stem {
            self = .fromInfinitive(stem, ending: ending, spelling: nil)
        } else if let spelling = Self.spelling(verb.stem, stem, verb) {
            self = .fromInfinitive(verb.stem, ending: ending, spelling: spelling)
        } else if let change = verb.changes.compactMap({ $0 }).first, let after = change.closedVowel,
            change.closed(verb.stem) == stem
        {
            self = .closed(stem, ending: ending, before: change.vowels.before, after: after)
        } else {
            return nil
        }
    }

    private init?(past right: String, _ verb: Verb, _ person: GrammaticalPerson) {
        let ends =
            switch person {
            case .yo, .el: ["ra", "se", "re"]
            case .tu, .vos: ["ras", "ses", "res"]
            case .nosotros: ["ramos", "semos", "remos"]
            case .vosotros: ["rais", "seis", "reis"]
            case .ellos: ["ran", "sen", "ren"]
            }
        for preterite in verb.forms(IndicativeTense.preterite, .ellos) where preterite.hasSuffix("ron") {
            let stem = String(preterite.dropLast(3))
            let accented = person == .nosotros ? Orthography.accentingEnd(stem) : stem
            if let ending = ends.first(where: { accented + $0 == right }) {
                self = .fromPreterite(preterite, ending: ending, accent: accented != stem)
                return
            }
        }
        return nil
    }

    /// The form taken apart into its stem and one of the endings that it can have.
    private static func split(_ right: String, _ verb: Verb, _ person: GrammaticalPerson) -> (String, String)? {
        let endings = verb.presentSubjunctiveEndings
        let isAr = verb.infinitive.conjugation == .ar
        var possible: [String]
        if person == .vos {
            possible = [isAr ? "és" : "ás", endings[1]]
        } else {
            guard endings.indices.contains(person.rawValue) else { return nil }
            possible = [endings[person.rawValue]]
        }
        possible += possible.map(Orthography.withoutAccents)
        guard let ending = possible.first(where: right.hasSuffix), right.count > ending.count else { return nil }
        return (String(right.dropLast(ending.count)), ending)
    }

    /// What changes in writing between two stems that sound alike; nil where anything else does.
    private static func spelling(_ base: String, _ stem: String, _ verb: Verb) -> Spelling? {
        if verb.infinitive.conjugation == .ar {
            let changes = [("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")]
            guard let (before, after) = changes.first(where: { base.hasSuffix($0.0) }),
                base.dropLast(before.count) + after == stem
            else { return nil }
            return Spelling(before: before, after: after, vowel: "e")
        }
        let changes = [("gu", "g"), ("qu", "c"), ("g", "j"), ("c", "z")]
        guard let (before, after) = changes.first(where: { base.hasSuffix($0.0) }),
            base.dropLast(before.count) + after == stem
        else { return nil }
        return Spelling(before: before, after: after, vowel: "a")
    }
}
