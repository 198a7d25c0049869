import Recuerde

/// Collects what is wrong with a request, field by field.
struct FieldChecker {
    private(set) var errors: [FieldError] = []

    mutating func text(_ value: String?, _ field: String, limit: Int, required: Bool = false) {
        guard let value else { return }
        if value.unicodeScalars.count > limit {
            errors.append(FieldError(field: field, message: "must have at most \(limit) characters"))
        } else if required, InputText.canonical(value).isEmpty {
            errors.append(FieldError(field: field, message: "must not be empty"))
        }
    }

    mutating func count(_ count: Int, _ field: String, limit: Int) {
        guard count > limit else { return }
        errors.append(FieldError(field: field, message: "must have at most \(limit) items"))
    }

    mutating func figure(_ value: Double?, _ field: String, most: Double) {
        guard let value, !(value >= 0 && value <= most) else { return }
        errors.append(FieldError(field: field, message: "must be a number from 0 to \(Int(most))"))
    }

    mutating func level(_ value: Int?, _ field: String, most: Int) {
        guard let value, !(1...most).contains(value) else { return }
        errors.append(FieldError(field: field, message: "must be a whole number from 1 to \(most)"))
    }

    mutating func records(_ records: [String]?) {
        guard let records else { return }
        count(records.count, "records", limit: InputLimits.records)
        for (index, record) in records.prefix(InputLimits.records).enumerated() {
            let field = "records[\(index)]"
            if record.unicodeScalars.count > InputLimits.record {
                text(record, field, limit: InputLimits.record)
            } else if CacheRecord(named: record) == nil {
                errors.append(
                    FieldError(field: field, message: "must be a type, a colon and an identifier, such as exercise:42")
                )
            }
        }
    }

    mutating func exercise(_ exercise: Exercise, _ field: String) {
        text(exercise.verb, "\(field).verb", limit: InputLimits.verb, required: true)
        text(exercise.tense, "\(field).tense", limit: InputLimits.tense, required: true)
        text(exercise.person, "\(field).person", limit: InputLimits.person)
        text(exercise.trigger, "\(field).trigger", limit: InputLimits.trigger)
        text(exercise.sentence, "\(field).sentence", limit: InputLimits.sentence)
        text(exercise.correctAnswer, "\(field).correct_answer", limit: InputLimits.answer)
    }
}

extension FeedbackRequest {
    /// The fields that break a rule; empty for a good request. Shows no content.
    public func faults() -> [FieldError] {
        var checker = FieldChecker()
        checker.text(userAnswer, "user_answer", limit: InputLimits.answer, required: true)
        checker.text(correctAnswer, "correct_answer", limit: InputLimits.answer, required: true)
        if let exerciseContext { checker.exercise(exerciseContext, "exercise_context") }
        checker.records(records)
        return checker.errors
    }
}

extension HintRequest {
    /// The fields that break a rule; empty for a good request. Shows no content.
    public func faults() -> [FieldError] {
        var checker = FieldChecker()
        checker.exercise(exercise, "exercise")
        checker.level(level, "level", most: InputLimits.hintLevels)
        checker.records(records)
        checker.count(userHistory.count, "user_history", limit: InputLimits.historyItems)
        for (index, item) in userHistory.prefix(InputLimits.historyItems).enumerated() {
            let field = "user_history[\(index)]"
            checker.text(item.verb, "\(field).verb", limit: InputLimits.verb)
            checker.text(item.tense, "\(field).tense", limit: InputLimits.tense)
            checker.text(item.person, "\(field).person", limit: InputLimits.person)
            checker.text(item.userAnswer, "\(field).user_answer", limit: InputLimits.answer)
            checker.text(item.correctAnswer, "\(field).correct_answer", limit: InputLimits.answer)
        }
        return checker.errors
    }
}

extension InsightsRequest {
    /// The fields that break a rule; empty for a good request. Shows no content: the names of further figures are
    /// content too.
    public func faults() -> [FieldError] {
        var checker = FieldChecker()
        checker.figure(userStats.totalExercises, "user_stats.total_exercises", most: InputLimits.figure)
        checker.figure(userStats.accuracy, "user_stats.accuracy", most: InputLimits.accuracy)
        checker.figure(
            userStats.totalStudyTimeMinutes,
            "user_stats.total_study_time_minutes",
            most: InputLimits.figure
        )
        checker.figure(userStats.totalSessions, "user_stats.total_sessions", most: InputLimits.figure)
        checker.count(userStats.further.count, "user_stats", limit: InputLimits.furtherStatistics)
        for (name, figure) in userStats.further {
            checker.text(name, "user_stats (name of a further figure)", limit: InputLimits.statisticName)
            checker.figure(figure, "user_stats (a further figure)", most: InputLimits.figure)
            if checker.errors.count > 10 { break }
        }
        checker.records(records)
        checker.count(weakAreas.count, "weak_areas", limit: InputLimits.weakAreas)
        for (index, area) in weakAreas.prefix(InputLimits.weakAreas).enumerated() {
            checker.text(area.area, "weak_areas[\(index)].area", limit: InputLimits.area, required: true)
            checker.figure(area.accuracy, "weak_areas[\(index)].accuracy", most: InputLimits.accuracy)
        }
        return checker.errors
    }
}
