extension VerbLexicon {
    /// The verbs whose last stem vowel changes, by their change. Those that are irregular besides stand here too.
    private static let lists: [(change: StemChange, verbs: String)] = [
        (
            .eToIe,
            """
            acertar acrecentar alentar apacentar apretar arrendar ascender asentar asentir aserrar atender atravesar
            aventar abnegar adherir advertir arrepentir calentar cegar cerrar comenzar concertar condescender confesar
            conferir consentir contender controvertir convertir defender deferir denegar desalentar
            desapretar desasosegar desatender descender desconcertar desempedrar desencerrar desentender desenterrar
            desherrar desgobernar deshelar desmembrar desmentir despertar desplegar desterrar diferir digerir
            disentir distender divertir empedrar empezar encender encerrar encomendar enmendar ensangrentar entender
            enterrar errar escarmentar extender fregar gobernar heder helar hender herir herrar hervir inferir ingerir
            injerir interferir invertir malherir malentender manifestar mentar mentir merendar negar nevar pensar
            perder pervertir plegar preferir presentir proferir quebrar querer recalentar recomendar referir regar
            remendar renegar repensar replegar requebrar requerir resentir resquebrar restregar reventar revertir
            reverter segar sembrar sentar sentir serrar sobreentender sobrentender sosegar soterrar subarrendar
            subvertir sugerir temblar tender tentar transferir trasferir trascender transcender trasegar tropezar
            venir verter zaherir tener erguir malquerer bienquerer
            """
        ),
        (.eToIeOnly, "cernir concernir discernir hendir cerner"),
        (
            .oToUe,
            """
            absolver acordar acostar agorar almorzar amolar apostar aprobar atronar avergonzar clocar cocer colar colgar
            comprobar concordar condoler conmover consolar consonar contar costar degollar demoler demostrar denostar
            desacordar desaprobar descolgar descollar desconsolar descontar desencordar desenvolver desollar
            desosar despoblar desvergonzar devolver discordar disolver disonar doler dormir emporcar encontrar
            encordar ensoñar entremorir envolver escocer esforzar forzar holgar hollar llover moblar moler morder
            morir mostrar mover oler poblar poder probar promover recocer recolar recontar recordar recostar
            reencontrar reforzar regoldar remorder remover renovar repoblar reprobar resolver resollar resonar
            retorcer retostar revolar revolcar revolver rodar rogar sobrevolar soldar soler soltar sonar soñar
            torcer tostar trastrocar trocar tronar volar volcar volver retronar destorcer
            """
        ),
        (
            .eToI,
            """
            ceñir colegir comedir competir concebir conseguir constreñir corregir decir bendecir maldecir derretir
            descomedir desleír despedir desteñir desvestir elegir embestir engreír estreñir expedir freír gemir henchir
            heñir impedir investir medir pedir perseguir preconcebir proseguir reelegir refreír regir reír remedir
            rendir reñir repetir restreñir revestir seguir servir sofreír sonreír subseguir teñir travestir vestir
            reexpedir
            """
        ),
        (.uToUe, "jugar"),
        (.iToIe, "adquirir inquirir perquirir"),
    ]

    /// Verbs that change their vowel or leave it, as one likes; what most people do stands first.
    private static let optional: [String: [StemChange?]] = [
        "cimentar": [.eToIe, nil], "invernar": [nil, .eToIe], "engrosar": [nil, .oToUe],
        // irgo and yergo.
        "erguir": [.eToIe, .eToI],
    ]

    private static let byVerb: [String: StemChange] = {
        var byVerb: [String: StemChange] = [:]
        for (change, verbs) in lists {
            for verb in words(verbs) { byVerb[verb] = change }
        }
        return byVerb
    }()

    /// The changes of a verb, more than one where usage has several; nil where none is listed.
    static func stemChanges(of verb: String) -> [StemChange?]? {
        if let several = optional[verb] { return several }
        if let change = byVerb[verb] { return [change] }
        guard let base = derived[verb]?.base else { return nil }
        return byVerb[base].map { [$0] }
    }

    /// Every verb of the lists.
    static var stemChanging: [String] { Array(byVerb.keys) + optional.keys }
}
