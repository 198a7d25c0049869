/// What the built-in tutor (`tutor-3`) has said to 24 questions in each language, and its insights: real sentences of the length of real
/// answers, one a line.
enum Sentences {
    static let english = """
        «hablo» is the present indicative, and the subjunctive is asked for: «hable». Take the yo form of \
        the present, «hablo», drop the -o and add -e. The main clause expresses a wish or hope about what \
        the other one says; the future indicative is possible too where one counts on it.
        The main clause expresses a wish or hope about what the other one says. Start from the yo form of \
        the present, drop its -o, and take an ending with e, as verbs in -ar do.
        «come» is the present indicative of the right verb; the subjunctive is «coma». Take the yo form of \
        the present, «como», drop the -o and add -a. The main clause doubts or denies, so the action is not \
        stated as a fact.
        The main clause doubts or denies, so the action is not stated as a fact. Start from the yo form of \
        the present, drop its -o, and take an ending with a, as verbs in -er do.
        «vives» is the present indicative of the right verb; the subjunctive is «vivas». Take the yo form of \
        the present, «vivo», drop the -o and add -as. An impersonal expression judges the action instead of \
        reporting it.
        An impersonal expression judges the action instead of reporting it. Start from the yo form of the \
        present, drop its -o, and take an ending with a, as verbs in -ir do.
        «tiene» is the present indicative, and the subjunctive is asked for: «tenga». Take the yo form of \
        the present, «tengo», drop the -o and add -a. Ojalá voices a hope, and nothing but the subjunctive \
        follows it.
        Ojalá voices a hope, and nothing but the subjunctive follows it. Start from the yo form of the \
        present, drop its -o, and take an ending with a, as verbs in -er do.
        «hacemos» is the present indicative, and the subjunctive is asked for: «hagamos». Take the yo form \
        of the present, «hago», drop the -o and add -amos. The conjunction names a purpose, not a fact.
        The conjunction names a purpose, not a fact. Start from the yo form of the present, drop its -o, and \
        take an ending with a, as verbs in -er do.
        «eres» is the present indicative, and the subjunctive is asked for: «seas». Its stem is irregular \
        and has to be known by heart: se- and then -as. The time clause looks ahead: seen from the main \
        clause, its action has not happened yet; habits and what has already happened take the indicative.
        The time clause looks ahead: seen from the main clause, its action has not happened yet. This verb \
        is irregular in the present subjunctive: recall its own stem.
        «va» is the present indicative, and the subjunctive is asked for: «vaya». Its stem is irregular and \
        has to be known by heart: vay- and then -a. The main clause expresses a wish or hope about what the \
        other one says; the future indicative is possible too where one counts on it.
        The main clause expresses a wish or hope about what the other one says. This verb is irregular in \
        the present subjunctive: recall its own stem.
        «pide» is the present indicative, and the subjunctive is asked for: «pida». Take the yo form of the \
        present, «pido», drop the -o and add -a. The main clause doubts or denies, so the action is not \
        stated as a fact.
        The main clause doubts or denies, so the action is not stated as a fact. Start from the yo form of \
        the present, drop its -o, and take an ending with a, as verbs in -ir do.
        «puedo» is the present indicative of the right verb; the subjunctive is «pueda». Take the yo form of \
        the present, «puedo», drop the -o and add -a. An impersonal expression judges the action instead of \
        reporting it.
        An impersonal expression judges the action instead of reporting it. Start from the yo form of the \
        present, drop its -o, and take an ending with a, as verbs in -er do.
        Right verb, other mood: «conoce» is the present indicative, and the subjunctive is «conozca». Take \
        the yo form of the present, «conozco», drop the -o and add -a. Ojalá voices a hope, and nothing but \
        the subjunctive follows it.
        «duermes» is the present indicative of the right verb; the subjunctive is «duermas». Take the yo \
        form of the present, «duermo», drop the -o and add -as. The conjunction names a purpose, not a fact.
        The conjunction names a purpose, not a fact. Start from the yo form of the present, drop its -o, and \
        take an ending with a, as verbs in -ir do.
        The tense is right, but «busque» belongs to another person, yo or él/ella/usted; the right form is \
        «busquen». Take the yo form of the present, «busco», drop the -o and add -en; before e, c is written \
        qu. The time clause looks ahead: seen from the main clause, its action has not happened yet.
        The time clause looks ahead: seen from the main clause, its action has not happened yet. Start from \
        the yo form of the present, drop its -o, and take an ending with e, as verbs in -ar do. Mind the \
        spelling: before e, c is written qu.
        imperfect subjunctive needs the most attention (48 % right): take ten verbs, say the ellos form of \
        the preterite, and replace its last syllable «ron» by «ra».
        Then turn to irregular verbs (55 % right): learn ser, estar, dar, ir, haber and saber by heart, one \
        a day.
        You get 71 % right, a good base: look at each wrong answer once more before you go on.
        Your sessions last about 24 min on average: keep that rhythm, a little every day.
        """.split(separator: "\n").map(String.init)

    static let spanish = """
        «hablo» es del presente de indicativo, y se pide el subjuntivo: «hable». Parte de la forma de yo del \
        presente, «hablo», quita la -o y añade -e. La oración principal expresa un deseo o una esperanza \
        sobre lo que dice la otra; el futuro de indicativo también es posible si se da por seguro.
        La oración principal expresa un deseo o una esperanza sobre lo que dice la otra. Parte de la forma \
        de yo del presente, quita la -o y pon una terminación con e, como los verbos en -ar.
        El verbo es correcto, pero «come» es presente de indicativo, y el subjuntivo es «coma». Parte de la \
        forma de yo del presente, «como», quita la -o y añade -a. La oración principal duda o niega, así que \
        la acción no se presenta como un hecho.
        La oración principal duda o niega, así que la acción no se presenta como un hecho. Parte de la forma \
        de yo del presente, quita la -o y pon una terminación con a, como los verbos en -er.
        El verbo es correcto, pero «vives» es presente de indicativo, y el subjuntivo es «vivas». Parte de \
        la forma de yo del presente, «vivo», quita la -o y añade -as. Una expresión impersonal valora la \
        acción en vez de informar sobre ella.
        Una expresión impersonal valora la acción en vez de informar sobre ella. Parte de la forma de yo del \
        presente, quita la -o y pon una terminación con a, como los verbos en -ir.
        «tiene» es del presente de indicativo, y se pide el subjuntivo: «tenga». Parte de la forma de yo del \
        presente, «tengo», quita la -o y añade -a. Ojalá expresa un deseo y siempre pide subjuntivo.
        Ojalá expresa un deseo y siempre pide subjuntivo. Parte de la forma de yo del presente, quita la -o \
        y pon una terminación con a, como los verbos en -er.
        «hacemos» es del presente de indicativo, y se pide el subjuntivo: «hagamos». Parte de la forma de yo \
        del presente, «hago», quita la -o y añade -amos. La conjunción indica una finalidad, no un hecho.
        La conjunción indica una finalidad, no un hecho. Parte de la forma de yo del presente, quita la -o y \
        pon una terminación con a, como los verbos en -er.
        «eres» es del presente de indicativo, y se pide el subjuntivo: «seas». Su raíz es irregular y hay \
        que saberla de memoria: se- y después -as. La oración temporal mira hacia delante: vista desde la \
        principal, su acción aún no ha ocurrido; los hábitos y lo ya ocurrido piden indicativo.
        La oración temporal mira hacia delante: vista desde la principal, su acción aún no ha ocurrido. Es \
        un verbo irregular en el presente de subjuntivo: recuerda su raíz propia.
        «va» es del presente de indicativo, y se pide el subjuntivo: «vaya». Su raíz es irregular y hay que \
        saberla de memoria: vay- y después -a. La oración principal expresa un deseo o una esperanza sobre \
        lo que dice la otra; el futuro de indicativo también es posible si se da por seguro.
        La oración principal expresa un deseo o una esperanza sobre lo que dice la otra. Es un verbo \
        irregular en el presente de subjuntivo: recuerda su raíz propia.
        «pide» es del presente de indicativo, y se pide el subjuntivo: «pida». Parte de la forma de yo del \
        presente, «pido», quita la -o y añade -a. La oración principal duda o niega, así que la acción no se \
        presenta como un hecho.
        La oración principal duda o niega, así que la acción no se presenta como un hecho. Parte de la forma \
        de yo del presente, quita la -o y pon una terminación con a, como los verbos en -ir.
        El verbo es correcto, pero «puedo» es presente de indicativo, y el subjuntivo es «pueda». Parte de \
        la forma de yo del presente, «puedo», quita la -o y añade -a. Una expresión impersonal valora la \
        acción en vez de informar sobre ella.
        Una expresión impersonal valora la acción en vez de informar sobre ella. Parte de la forma de yo del \
        presente, quita la -o y pon una terminación con a, como los verbos en -er.
        El verbo está bien, pero el modo no: «conoce» es presente de indicativo, y el subjuntivo es \
        «conozca». Parte de la forma de yo del presente, «conozco», quita la -o y añade -a. Ojalá expresa un \
        deseo y siempre pide subjuntivo.
        El verbo es correcto, pero «duermes» es presente de indicativo, y el subjuntivo es «duermas». Parte \
        de la forma de yo del presente, «duermo», quita la -o y añade -as. La conjunción indica una \
        finalidad, no un hecho.
        La conjunción indica una finalidad, no un hecho. Parte de la forma de yo del presente, quita la -o y \
        pon una terminación con a, como los verbos en -ir.
        El tiempo es correcto, pero «busque» es de otra persona: yo o él/ella/usted; la forma correcta es \
        «busquen». Parte de la forma de yo del presente, «busco», quita la -o y añade -en; ante e, c se \
        escribe qu. La oración temporal mira hacia delante: vista desde la principal, su acción aún no ha \
        ocurrido.
        La oración temporal mira hacia delante: vista desde la principal, su acción aún no ha ocurrido. \
        Parte de la forma de yo del presente, quita la -o y pon una terminación con e, como los verbos en \
        -ar. Cuidado con la ortografía: ante e, c se escribe qu.
        Lo que más atención pide es imperfect subjunctive (48 % de aciertos): toma diez verbos, di la forma \
        de ellos del pretérito y cambia su última sílaba, «ron», por «ra».
        Después toca irregular verbs (55 % de aciertos): aprende de memoria ser, estar, dar, ir, haber y \
        saber, uno cada día.
        Aciertas el 71 %, una buena base: repasa cada error antes de seguir.
        Tus sesiones duran unos 24 min de media: mantén ese ritmo, un poco cada día.
        """.split(separator: "\n").map(String.init)
}
