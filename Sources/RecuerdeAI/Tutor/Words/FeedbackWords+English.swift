extension FeedbackWords {
    func english(_ diagnosis: AnswerDiagnosis) -> [String] {
        switch diagnosis {
        case .right:
            ["Correct, well done!", "That is right, good work!", "Yes, that is the form.", "Exactly, very good!"]
        case .otherRightForm:
            [
                "Well done: \(given) is right Spanish too, another form of the same tense and person. "
                    + "This exercise expects \(right).",
                "Good: \(given) is right Spanish too, since this tense and person have more than one form. This exercise expects \(right).",
            ]
        case .accentOnly(let tense):
            if let tense {
                [
                    "Almost: the letters are right, but the accents are not, and they make of \(given) the "
                        + "\(tense.name(in: .english)); the right form is \(right).",
                    "Mind the accents: written like that, \(given) is the \(tense.name(in: .english)); the right form is \(right).",
                ]
            } else {
                [
                    "Almost: the letters are right, but the accents are not; the right form is \(right).",
                    "So close: only the accents have gone wrong; the right form is \(right).",
                ]
            }
        case .accentOfOtherForm(let form):
            [
                "Almost: with its accent, «\(form)» would be right Spanish too; the form expected here is \(right).",
                "So close: \(given) only lacks the right accent, «\(form)»; the form expected here is \(right).",
            ]
        case .dotsOverU:
            [
                "Almost: mind the two dots, since in «gue» and «gui» the u is silent, and in «güe» and «güi» it is sounded; "
                    + "the right form is \(right).",
                "Only the two dots over the u have gone wrong: with them it is sounded before e and i, without them it is silent; the right form is \(right).",
            ]
        case .extraWords:
            [
                "The form is right, but the exercise asks for \(right) alone, without more words.",
                "You have the form: only \(right) is asked for, without the other words.",
            ]
        case .otherSubject:
            [
                "The verb form is right, but the subject beside it is not the one asked for: the answer is \(right).",
                "Your verb form is right; it is the subject that is another one: the answer is \(right).",
            ]
        case .otherWords:
            [
                "The verb form is right, but the whole answer that is expected is \(right).",
                "Your verb form is right; the exercise expects all of \(right).",
            ]
        case .missingPronoun:
            [
                "The verb is right, but its pronoun is missing: \(right).",
                "Nearly there: this verb needs its pronoun too, \(right).",
            ]
        case .otherPronoun:
            [
                "The verb is right, but the pronoun does not belong here: it is \(right).",
                "Nearly there: the form of the verb is right and the pronoun is another one, \(right).",
            ]
        case .infinitive:
            [
                "The verb was left as an infinitive; here it needs a personal form, \(right).",
                "An infinitive does not say who acts, so a personal form is needed: \(right).",
            ]
        case .gerund:
            [
                "\(form(in: .english)) is the gerund, which does not say who acts; the form asked for is \(right).",
                "A gerund has no person, and \(form(in: .english)) is one; the form asked for is \(right).",
            ]
        case .participleAlone:
            [
                "\(form(in: .english)) is the participle, which does not say who acts; the form asked for is \(right).",
                "A participle has no person, and \(form(in: .english)) is one; the form asked for is \(right).",
            ]
        case .imperative:
            [
                "\(form(in: .english)) is an imperative; here the form asked for is \(right).",
                "The verb is right, but \(form(in: .english)) gives an order; the form asked for is \(right).",
            ]
        case .otherPerson(let persons):
            [
                "The tense is right, but \(form(in: .english)) belongs to another person, \(Self.names(persons, "or")); "
                    + "the right form is \(right).",
                "Right tense, but another person: \(form(in: .english)) goes with \(Self.names(persons, "or")), and "
                    + "\(asked("the form asked for")) is \(right).",
            ]
        case .otherTense(.future):
            [
                "\(form(in: .english)) is the future subjunctive, which is hardly used any more (and not the future indicative, "
                    + "which has an accent in most persons); the right form is \(right).",
                "The mood is right, but \(form(in: .english)) is the future subjunctive, of laws and old texts; the right "
                    + "form is \(right).",
            ]
        case .otherTense(let tense):
            [
                "\(form(in: .english)) is the \(tense.name(in: .english)) of the right verb, and another tense is asked for: \(right).",
                "The mood is right, but \(form(in: .english)) is the \(tense.name(in: .english)); the right form is \(right).",
            ]
        case .indicative(let tense):
            [
                "\(form(in: .english)) is the \(tense.name(in: .english)), and the subjunctive is asked for: \(right).",
                "\(form(in: .english)) is the \(tense.name(in: .english)) of the right verb; the subjunctive is \(right).",
                "Right verb, other mood: \(form(in: .english)) is the \(tense.name(in: .english)), and the subjunctive is \(right).",
            ]
        case .missedStemChange:
            [
                "Not quite: the vowel of the stem changes in this form; the right form is \(right).",
                "Nearly there: the vowel of this verb's stem changes here, so it is \(right).",
            ]
        case .needlessStemChange:
            [
                "Not quite: in this form the vowel of the stem does not change that way; the right form is \(right).",
                "Nearly there: this form does not have that change in its stem, so it is \(right).",
            ]
        case .otherStemChange:
            [
                "Nearly there: the vowel of the stem does change in this verb, but in another way; "
                    + "the right form is \(right).",
                "Not quite: this verb changes the vowel of its stem, only not to that one; the right form is \(right).",
            ]
        case .missedSpelling where isPast:
            [
                "Nearly there: after this stem the i of the ending is lost or becomes y, so it is \(right).",
                "Mind the spelling: the i of the ending does not stay an i after this stem, so it is \(right).",
            ]
        case .missedSpelling:
            [
                "Not quite: the spelling of the stem has to change before the ending; the right form is \(right).",
                "Nearly there: only the spelling of the stem is another one before this ending, \(right).",
            ]
        case .regularised:
            [
                "\(given) does not have the irregular stem that \(named ?? "this verb") has here; "
                    + "the right form is \(right).",
                "A good guess, but the stem is irregular here: \(right).",
            ]
        case .otherEndingClass:
            [
                otherEnding,
                "Not quite: the ending is that of another conjugation; the right form is \(right).",
            ]
        case .otherAuxiliary:
            [
                "The participle is right, but the form of haber before it is not: \(right).",
                "The second word is right and the first is not: here haber has another form, \(right).",
            ]
        case .missingAuxiliary:
            [
                "\(form(in: .english)) is the right participle, but a form of haber has to stand before it: \(right).",
                "Half of it is there: \(form(in: .english)) is the participle, and the form of haber is missing, \(right).",
            ]
        case .otherParticiple:
            [
                "The second word has to be the participle, which never changes its ending after haber: \(right).",
                "After haber only the participle can stand, always with the same ending: \(right).",
            ]
        case .regularParticiple:
            [
                "The participle of \(named ?? "this verb") is irregular; the right form is \(right).",
                "Nearly there: \(named ?? "this verb") has a participle of its own, so it is \(right).",
            ]
        case .otherVerb(let verb):
            [
                "\(given) comes from another verb, \(name(of: verb, or: "or"))"
                    + (named.map { ", and here it is \($0) that is asked for; " } ?? "; ")
                    + "the right form is \(right).",
                "Another verb: \(given) is a form of \(name(of: verb, or: "or"))"
                    + (named.map { ", not of \($0); " } ?? "; ") + "the right form is \(right).",
            ]
        case .typingError:
            [
                "Very near: only a letter or two have gone wrong; the right form is \(right).",
                "Almost, check your typing: the right form is \(right).",
            ]
        case .unknown:
            // The answer may be right Spanish for all that is known here.
            ["Not quite: the form asked for is \(right).", "Not yet: the form asked for is \(right)."]
        }
    }

    private var otherEnding: String {
        let ending = infinitive?.suffix(2) ?? ""
        let isAr = ending == "ar"
        guard isPresent, !ending.isEmpty else {
            return "Not quite: this verb takes other endings in this tense; the right form is \(right)."
        }
        return "Not quite: in the present subjunctive verbs in \(isAr ? "-ar" : "-er and -ir") take endings with "
            + "\(isAr ? "e" : "a"); the right form is \(right)."
    }

    private func asked(_ otherwise: String) -> String {
        person.map { "the form for \($0.pronoun)" } ?? otherwise
    }

    static func names(_ persons: [GrammaticalPerson], _ or: String) -> String {
        // The form of vos is that of tú nearly everywhere, and is named only where it is not.
        let named = persons.contains(.tu) ? persons.filter { $0 != .vos } : persons
        return named.map(\.pronoun).joined(separator: " \(or) ")
    }
}
