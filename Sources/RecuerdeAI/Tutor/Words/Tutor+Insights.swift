extension Tutor {
    /// Three to five pieces of advice from a learner's figures, what helps most first, each with a next step; sound with
    /// missing, zero and absurd figures, which it takes for unknown.
    public func insights(for request: InsightsRequest) -> [String] {
        let language = request.language
        let figures = PracticeFigures(request)
        var insights: [(weight: Double, text: String)] = []
        if figures.hasBegun {
            for (rank, area) in figures.weakAreas.prefix(3).enumerated() {
                // The two weakest lead; the third comes after what concerns everything.
                let weight = rank < 2 ? 1_000 - Double(rank) : 0
                insights.append((weight, weakness(area, rank, language)))
            }
            if let accuracy = figures.accuracy {
                insights.append((95 - accuracy, level(accuracy, language)))
            }
            if let minutes = figures.minutesPerSession {
                insights.append((minutes < 10 ? 30 : 5, rhythm(minutes, language)))
            }
            if let exercises = figures.exercises, exercises < 20 {
                insights.append((20, fewExercises(language)))
            }
        } else {
            insights.append((100, start(language)))
        }
        // The order of what weighs alike is that of the list, so that it is always the same.
        var texts = insights.enumerated()
            .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }.map(\.element.text)
        for text in general(language, hasBegun: figures.hasBegun) where texts.count < Self.leastInsights {
            texts.append(text)
        }
        return Array(texts.prefix(InputLimits.insights))
    }

    private static let leastInsights = 3

    private func start(_ language: Language) -> String {
        language == .english
            ? "Begin with the present subjunctive after wishes (quiero que, espero que): ten exercises make a good start."
            : "Empieza con el presente de subjuntivo tras los deseos (quiero que, espero que): con diez ejercicios empiezas bien."
    }

    private func weakness(_ area: WeakArea, _ rank: Int, _ language: Language) -> String {
        let percent = Self.percent(area.accuracy)
        let step = PracticeTopic(area: area.area).step(in: language)
        return switch (rank, language) {
        case (0, .english): "\(area.area) needs the most attention (\(percent) right): \(step)."
        case (0, .spanish): "Lo que más atención pide es \(area.area) (\(percent) de aciertos): \(step)."
        case (1, .english): "Then turn to \(area.area) (\(percent) right): \(step)."
        case (1, .spanish): "Después toca \(area.area) (\(percent) de aciertos): \(step)."
        case (_, .english): "After that comes \(area.area) (\(percent) right): \(step)."
        case (_, .spanish): "Luego viene \(area.area) (\(percent) de aciertos): \(step)."
        }
    }

    private func level(_ accuracy: Double, _ language: Language) -> String {
        let percent = Self.percent(accuracy)
        return switch (accuracy, language) {
        case (90..., .english):
            "You get \(percent) right: move on to a harder tense, such as the pluperfect, or to rarer triggers."
        case (90..., .spanish):
            "Aciertas el \(percent): pasa a un tiempo más difícil, como el pluscuamperfecto, o a expresiones menos frecuentes."
        case (70..., .english):
            "You get \(percent) right, a good base: look at each wrong answer once more before you go on."
        case (70..., .spanish):
            "Aciertas el \(percent), una buena base: repasa cada error antes de seguir."
        case (_, .english):
            "You get \(percent) right: take one tense at a time and say why the subjunctive is needed."
        case (_, .spanish):
            "Aciertas el \(percent): practica un solo tiempo cada vez y di por qué hace falta el subjuntivo."
        }
    }

    private func rhythm(_ minutes: Double, _ language: Language) -> String {
        let text = minutes < 1 ? "1" : String(Int(minutes.rounded()))
        return switch (minutes, language) {
        case (..<10, .english):
            "Your sessions last about \(text) min on average: fifteen minutes a day would help more."
        case (..<10, .spanish): "Tus sesiones duran unos \(text) min de media: quince minutos al día ayudarían más."
        case (_, .english): "Your sessions last about \(text) min on average: keep that rhythm, a little every day."
        case (_, .spanish): "Tus sesiones duran unos \(text) min de media: mantén ese ritmo, un poco cada día."
        }
    }

    private func fewExercises(_ language: Language) -> String {
        language == .english
            ? "There are only a few exercises so far: do twenty or so, and these figures will say more."
            : "Aún hay pocos ejercicios: haz unos veinte y estas cifras dirán más."
    }

    /// Advice that is good whatever the figures are.
    private func general(_ language: Language, hasBegun: Bool) -> [String] {
        switch language {
        case .english:
            [
                hasBegun
                    ? start(language)
                    : "Practise a little every day: fifteen minutes help more than one long session a week.",
                "Before each answer, say what asks for the subjunctive: a wish, a feeling, a doubt, or a conjunction.",
                "Write down each form that you miss, and say it aloud in a sentence of your own the next day.",
            ]
        case .spanish:
            [
                hasBegun
                    ? start(language)
                    : "Practica un poco cada día: quince minutos ayudan más que una sesión larga por semana.",
                "Antes de cada respuesta, di qué pide el subjuntivo: un deseo, un sentimiento, una duda o una conjunción.",
                "Apunta cada forma que falles y dila en voz alta al día siguiente en una frase tuya.",
            ]
        }
    }

    private static func percent(_ figure: Double) -> String {
        "\(Int(figure.rounded())) %"
    }
}
