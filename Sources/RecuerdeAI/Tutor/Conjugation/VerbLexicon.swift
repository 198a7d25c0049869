/// What the tutor knows by heart about verbs; everything else follows from rules.
///
/// A verb that is neither here nor covered by a rule without exceptions is one that the tutor does not know: it may
/// change its stem, and a wrong form taught is worse than none.
///
/// Sources: Nueva gramática de la lengua española, chapter 4; Diccionario panhispánico de dudas, appendix 1.
enum VerbLexicon {
    /// Verbs whose c after a vowel becomes z and not zc.
    static let plainZ: Set<String> = ["cocer", "recocer", "escocer", "mecer", "remecer"]

    /// Every verb that a list names; those that rules cover are more.
    static let listed: Set<String> = Set(irregular.keys).union(derived.keys).union(stemChanging).union(accented)
        .union(regular)

    /// The words of a list.
    static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
