extension Tutor {
    /// One to five pieces of advice from a learner's figures, what helps most first; sound with missing, zero and
    /// absurd figures.
    public func insights(for request: InsightsRequest) -> [String] {
        let language = request.language
        let stats = request.userStats
        let exercises = Self.sensible(stats.totalExercises, most: InputLimits.figure)
        let accuracy = Self.sensible(stats.accuracy, most: InputLimits.accuracy)
        guard (exercises ?? 1) > 0 || !request.weakAreas.isEmpty else { return [start(language)] }

        var insights: [String] = []
        let weak = request.weakAreas
            .filter { $0.accuracy.isFinite && (0...InputLimits.accuracy).contains($0.accuracy) && !$0.area.isEmpty }
            .sorted { ($0.accuracy, $0.area) < ($1.accuracy, $1.area) }
        for (rank, area) in weak.prefix(2).enumerated() where area.accuracy < 90 {
            insights.append(weakness(area, isWeakest: rank == 0, language))
        }
        if let accuracy, (exercises ?? 1) > 0 { insights.append(level(accuracy, language)) }
        if let rhythm = rhythm(stats, language) { insights.append(rhythm) }
        if let exercises, exercises > 0, exercises < 20 {
            insights.append(
                language == .english
                    ? "There are only a few exercises so far: after twenty or so, these figures say more."
                    : "Aún hay pocos ejercicios: después de unos veinte, estas cifras dicen más."
            )
        }
        if insights.isEmpty { insights.append(start(language)) }
        return Array(insights.prefix(InputLimits.insights))
    }

    private func start(_ language: Language) -> String {
        language == .english
            ? "Begin with the present subjunctive after wishes (quiero que, espero que): ten exercises make a good start."
            : "Empieza con el presente de subjuntivo tras los deseos (quiero que, espero que): con diez ejercicios empiezas bien."
    }

    private func weakness(_ area: WeakArea, isWeakest: Bool, _ language: Language) -> String {
        let percent = Self.percent(area.accuracy)
        guard isWeakest else {
            return language == .english
                ? "Then turn to \(area.area) (\(percent) right): five exercises of it would do you good."
                : "Después toca \(area.area) (\(percent) de aciertos): te vendrán bien cinco ejercicios."
        }
        return language == .english
            ? "\(area.area) needs most attention (\(percent) right): do ten exercises of it in your next session."
            : "Lo que más atención pide es \(area.area) (\(percent) de aciertos): haz diez ejercicios en tu próxima sesión."
    }

    private func level(_ accuracy: Double, _ language: Language) -> String {
        let percent = Self.percent(accuracy)
        switch (accuracy, language) {
        case (90..., .english):
            return "You answer \(percent) rightly: move on to harder tenses or less common triggers."
        case (90..., .spanish):
            return "Aciertas el \(percent): pasa a tiempos más difíciles o a expresiones menos frecuentes."
        case (70..., .english):
            return "You answer \(percent) rightly, a good base: look at each wrong answer once more before you go on."
        case (70..., .spanish):
            return "Aciertas el \(percent), una buena base: repasa cada error antes de seguir."
        case (_, .english):
            return "You answer \(percent) rightly: take one tense at a time and say why the subjunctive is needed."
        case (_, .spanish):
            return "Aciertas el \(percent): practica un solo tiempo cada vez y di por qué hace falta el subjuntivo."
        }
    }

    private func rhythm(_ stats: UserStats, _ language: Language) -> String? {
        guard let sessions = Self.sensible(stats.totalSessions, most: InputLimits.figure), sessions >= 1,
            let minutes = Self.sensible(stats.totalStudyTimeMinutes, most: InputLimits.figure), minutes > 0
        else { return nil }
        let average = minutes / sessions
        if average > 24 * 60 { return nil }
        let text = average < 1 ? "1" : String(Int(average.rounded()))
        switch (average < 10, language) {
        case (true, .english):
            return "Your sessions last \(text) min on average: fifteen minutes a day would help more."
        case (true, .spanish):
            return "Tus sesiones duran \(text) min de media: quince minutos al día ayudarían más."
        case (false, .english):
            return "Your sessions last \(text) min on average: keep that rhythm, a little every day."
        case (false, .spanish):
            return "Tus sesiones duran \(text) min de media: mantén ese ritmo, un poco cada día."
        }
    }

    /// A figure that can be true; nil for one that cannot.
    private static func sensible(_ figure: Double?, most: Double) -> Double? {
        guard let figure, figure.isFinite, figure >= 0, figure <= most else { return nil }
        return figure
    }

    private static func percent(_ figure: Double) -> String {
        "\(Int(figure.rounded())) %"
    }
}
