extension VerbLexicon {
    /// Where the stem of a verb bears a written accent in the persons that stress it: `envíe`, `reúna`.
    enum StemAccent: Sendable, Hashable {
        case none
        /// On its last i or u, which is a syllable of its own.
        case written
        /// Either way: `agrie` and `agríe`.
        case optional
    }

    private static let written = Set(
        words(
            """
            aliar ampliar amnistiar ansiar arriar ataviar autografiar averiar aviar cablegrafiar cartografiar chirriar
            ciar confiar contrariar coreografiar criar cuantiar desafiar desaliar desataviar desconfiar descriar
            desliar desvariar desviar enfriar enviar escalofriar espiar esquiar estriar expiar extasiar extraviar fiar
            fotografiar guiar hastiar inventariar jipiar liar litografiar malcriar mecanografiar piar pipiar porfiar
            radiografiar recriar reenviar resfriar rociar taquigrafiar telegrafiar variar vaciar xerografiar
            aislar ahijar ahilar ahincar ahitar ahuchar ahumar ahusar airar amohinar arcaizar aullar aunar aupar
            cohibir desahijar desahumar enraizar europeizar hebraizar judaizar maullar
            prohibir prohijar rehilar rehuir rehusar reunir sahumar sobrehilar desenraizar
            """
        )
    )

    private static let optional = Set(words("agriar desagriar expatriar repatriar historiar paliar vidriar"))

    static func stemAccent(of verb: String) -> StemAccent {
        if written.contains(verb) { return .written }
        if optional.contains(verb) { return .optional }
        guard verb.hasSuffix("uar"), !verb.hasSuffix("guar") else { return .none }
        // Adecuar, evacuar, licuar and their like: adecue and adecúe.
        return verb.hasSuffix("cuar") ? .optional : .written
    }

    /// Whether a verb is listed here.
    static func isAccented(_ verb: String) -> Bool { written.contains(verb) || optional.contains(verb) }

    /// Every verb of the lists.
    static var accented: [String] { Array(written) + optional }
}
