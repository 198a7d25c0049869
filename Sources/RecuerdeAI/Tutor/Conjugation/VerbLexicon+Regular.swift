extension VerbLexicon {
    /// Verbs without a change of their stem vowel, without irregular forms, and without an accent but the one of -uar.
    /// Their spelling may change. Many are covered by ``isRegularByRule(_:)`` too: a listed verb is also one that
    /// learners use, and take for another.
    static let regular = Set(
        words(
            """
            abanderar abrazar abreviar acariciar acelerar acentuar aceptar acercar aclarar acomodar aconsejar acopiar
            acosar acostumbrar actualizar actuar adecuar adelantar adoptar adorar adornar afectar afeitar aficionar
            afrontar agilizar agobiar agotar agregar aguar agudizar ahogar ahorcar ahorrar ahuyentar ajustar ajusticiar
            alargar alcanzar alegar alegrar alejar alertar alimentar aliviar alojar alquilar alterar amar ambicionar
            amenazar amortiguar amueblar analizar anestesiar angustiar anhelar anotar anunciar apaciguar apagar apelar
            apestar aplazar aplicar apoderar apostrofar apoyar apreciar apremiar apropiar aprovechar argumentar
            armonizar arreglar arrestar arrojar arruinar asediar asegurar asfixiar asociar asombrar asustar atacar
            atenuar aterrizar atestiguar atormentar atrofiar atropellar aumentar ausentar autorizar avanzar averiguar
            avisar ayudar bailar bajar barnizar bautizar bañar beneficiar besar bordar borrar bostezar botar brillar
            brindar bromear broncear brotar bucear buscar callar calmar cambiar caminar cancelar cantar caracterizar
            cargar casar castigar causar cazar celebrar cenar cepillar cesar charlar chatear chocar circular civilizar
            cobrar cocinar codiciar cohonestar coleccionar colocar combinar comentar comercializar comparar compendiar
            compensar completar comprar comunicar conceptuar concretar condenar conectar confirmar confiscar conformar
            confrontar congelar conjugar conllevar conquistar conservar considerar consternar consultar contagiar
            contaminar contemplar contentar contestar continuar contratar controlar conversar cooperar coordinar copiar
            corroborar cortar cosechar costear crear cristalizar criticar cruzar cuidar cultivar curar custodiar dañar
            debutar decepcionar declarar decorar dedicar defraudar degustar dejar delegar demorar denunciar depositar
            derramar derrochar derrotar desaguar desahogar desarrollar desayunar descansar descargar desear desechar
            desempacar desempeñar desertar desesperar desmayar desocupar despegar despejar desperdiciar desplazar
            despojar destacar destrozar desvirtuar detectar detestar devorar dialogar dibujar diferenciar discrepar
            disfrutar disgustar disparar distanciar divorciar doblar domar domiciliar donar dotar duchar dudar durar
            echar economizar edificar educar efectuar ejecutar elaborar elevar eliminar elogiar embargar emborrachar
            embotellar emocionar empacar empeorar emplear empujar encabezar encajar encantar encargar encauzar enfadar
            enfatizar enfermar enfocar enfrentar engañar engordar enjuiciar enojar enredar enrollar ensayar enseñar
            ensuciar entablar enterar entrar entregar entrenar enumerar enunciar envidiar equivocar escalar escanear
            escapar escuchar esmerar espaciar especializar esperar estabilizar estallar estornudar estrechar estrenar
            estudiar evacuar evaluar evaporar evidenciar evitar evolucionar exagerar examinar exceptuar exiliar
            exonerar experimentar explicar explorar explotar exportar expresar expropiar fabricar facilitar fallar
            faltar fastidiar fatigar fijar finalizar financiar firmar flotar fluctuar fomentar formar fotocopiar
            fracasar fraguar frecuentar fregotear frenar frotar frustrar fumar funcionar fundamentar ganar garantizar
            gastar generalizar generar gestionar girar golosear golpear gotear gozar grabar graduar gritar guisar
            gustar habituar hablar halagar hallar heredar hidratar hipnotizar hojear homenajear honrar hornear hospedar
            humillar idealizar identificar ignorar ilusionar ilustrar imaginar imitar implementar importar importunar
            inaugurar incendiar incorporar incrementar indagar independizar indicar influenciar informar ingeniar
            ingresar iniciar injuriar inmovilizar innovar insertar insinuar inspeccionar inspirar instalar instaurar
            insultar integrar intentar intercambiar interceptar interesar interpretar interrogar inventar investigar
            invitar invocar irradiar juntar jurar justificar juzgar lamentar lanzar lastimar lavar legalizar lesionar
            levantar liberar licenciar licuar lidiar ligar limitar limpiar llamar llegar llenar llevar llorar localizar
            lograr luchar madrugar mandar manejar maquillar marcar marchar matar mediar mejorar memorizar mencionar
            menguar menospreciar mermar mezclar migrar minimizar mirar mitigar moderar modernizar mojar moldear
            molestar montar motivar movilizar multiplicar nadar naufragar navegar necesitar negociar nombrar notar
            numerar obligar obrar obsequiar observar obstaculizar ocasionar ocultar ocupar odiar ofertar ofrendar
            olvidar operar opinar optar optimizar orar ordenar organizar orientar osar otorgar pactar pagar parar
            parodiar parpadear pasar pasear patinar pausar pegar peinar pelar pelear penalizar penetrar perdonar
            perfeccionar perforar pernoctar perpetrar perpetuar perseverar pesar pescar pintar pisar plagiar planchar
            planificar platicar podar portar posar postergar practicar precipitar predicar pregonar preguntar premiar
            preocupar preparar presagiar presenciar presentar preservar presionar prestar principiar priorizar
            privilegiar procesar proclamar profesar profundizar programar progresar prolongar pronosticar pronunciar
            propagar propiciar proporcionar prosperar protestar provocar publicar puntuar purificar quedar quejar
            quemar quitar rabiar radiar rascar rasgar raspar reaccionar realizar rebajar recetar rechazar recitar
            recobrar recolectar recortar rectificar reembolsar reemplazar reflejar reflexionar refrescar refugiar
            refutar regalar regañar regresar reinar relacionar relajar relatar relegar rellenar remar remediar remolcar
            remontar renunciar reparar repasar reportar representar reprochar repudiar resabiar resaltar rescatar
            reservar respetar respirar restar restaurar resultar retar retomar retornar revelar rezar rezongar robar
            rodear ronronear rozar saborear sacar saltar saludar salvar sancionar santificar santiguar sazonar secar
            secuestrar seleccionar sensibilizar sentenciar separar señalar significar silbar silenciar simbolizar
            simplificar sintetizar situar sobornar sobrar sobrenadar solicitar solucionar soplar soportar sospechar
            sumar superar suplicar suspirar sustentar tachar tapar tardar tatuar teclear telefonear terminar
            testimoniar tirar tocar tomar topar torear tornar trabajar tragar traicionar tramitar tranquilizar
            transformar transportar trasnochar traspasar tratar trazar trepar trotar trotear tumbar tutear usar
            usufructuar utilizar vacunar vagar vallar valorizar valuar venerar vengar verificar versar vetar viajar
            viciar vigilar violentar visitar visualizar vivenciar vocear votar zozobrar absorber acceder acoger
            acometer adormecer agradecer amanecer anochecer aparecer apetecer aprender arder arremeter barrer beber
            carcomer carecer ceder coercer coger comer cometer compadecer complacer comprender comprometer conceder
            conocer convencer converger correr corresponder corromper coser crecer creer deber depender desaparecer
            desconocer desobedecer desprender ejercer embellecer emerger emprender encoger endurecer enflaquecer
            enloquecer enriquecer entristecer entrometer envejecer escoger esconder establecer estremecer exceder
            fallecer favorecer florecer fortalecer humedecer interceder lamer leer mecer merecer meter nacer obedecer
            ofender ofrecer pacer padecer parecer permanecer pertenecer placer poseer preceder prender
            pretender proceder prometer proteger proveer reaparecer recoger reconocer recorrer releer remecer renacer
            reprender responder restablecer retroceder romper sobrecoger sobreseer socorrer someter sorber sorprender
            suceder tañer tejer temer toser vencer vender abatir abolir abrir aburrir acudir admitir aducir afligir
            afluir agredir aludir aplaudir argüir asistir asumir atribuir añadir batir bruñir bullir coincidir combatir
            compartir comprimir concluir concurrir conducir confluir confundir consistir constituir construir consumir
            contribuir convivir crujir cubrir cumplir debatir decidir deducir definir delinquir deprimir describir
            descubrir desistir destituir destruir difundir diluir dimitir dirigir discurrir discutir disminuir
            distinguir distribuir disuadir dividir eludir emitir encubrir engullir erigir escabullir escribir escupir
            esgrimir esparcir evadir excluir exhibir exigir existir exprimir extinguir fingir fluir fruncir fundir
            gruñir huir hundir impartir imprimir incluir incurrir inducir infligir influir infringir infundir inhibir
            inmiscuir inscribir insistir instituir instruir interrumpir introducir intuir invadir irrumpir latir lucir
            mugir mullir obstruir ocurrir omitir partir percibir permitir persistir persuadir prescribir presumir
            producir prostituir pudrir reabrir reasumir rebatir recibir recluir reconstruir recubrir recurrir redimir
            reducir relucir remitir repartir reprimir reproducir resarcir resistir restituir restringir resumir
            resurgir retribuir revivir rugir sacudir seducir sobrevivir subir sufrir sumergir suprimir surgir surtir
            suscribir sustituir traducir transcribir transcurrir transgredir transigir transmitir uncir ungir unir
            urgir vivir zambullir zurcir
            """
        )
    )

    /// Whether a rule that no verb outside of the other lists departs from says that a verb has neither a change of its
    /// stem vowel nor an accent on it.
    static func isRegularByRule(_ infinitive: Infinitive) -> Bool {
        let text = infinitive.text
        // Endings of which all verbs behave alike; what they change is spelling, which has rules of its own.
        // Balbucir has no forms with zc, and its speakers take balbucear.
        if text == "balbucir" { return false }
        let ends = ["ecer", "ucir", "ear", "oar", "eer", "ionar", "ificar", "güir"]
        if ends.contains(where: text.hasSuffix) { return true }
        // The u of guar and quar is none; the others have their accent by rule.
        if text.hasSuffix("uar") { return infinitive.stem.count > 2 }
        if text.hasSuffix("uir") { return !text.hasSuffix("guir") && !text.hasSuffix("quir") }
        // Only e and o change in -ar (but in jugar, which is listed), and only e, o and quir in -ir.
        let stem = infinitive.stem
        guard infinitive.conjugation != .er,
            let place = stem.lastIndex(where: Orthography.vowels.contains),
            place < stem.index(before: stem.endIndex) || stem.count > 1,
            stem.last.map({ !Orthography.vowels.contains($0) }) ?? false,
            infinitive.conjugation == .ar ? "aiu".contains(stem[place]) : "iu".contains(stem[place])
        else { return false }
        let before = stem[..<place].last
        // Beside another vowel the vowel may be a syllable of its own: aislar, reunir.
        guard
            !(before.map(Orthography.vowels.contains) ?? false)
                || ["qu", "gu"].contains(where: stem[..<place].hasSuffix)
        else {
            return false
        }
        // With an h between them too: prohibir.
        if before == "h", let vowel = stem[..<place].dropLast().last, Orthography.vowels.contains(vowel) {
            return false
        }
        return !text.hasSuffix("quirir")
    }
}
