/// How long each part of a request may be, in Unicode scalar values (what JSON Schema's `maxLength` counts), measured
/// before anything is trimmed.
///
/// The OpenAPI document quotes these numbers.
public enum InputLimits {
    /// A learner's answer or the right one.
    public static let answer = 200
    /// A verb, as its infinitive.
    public static let verb = 60
    /// The name of a tense.
    public static let tense = 80
    /// The name of a grammatical person.
    public static let person = 60
    /// The words that ask for the subjunctive.
    public static let trigger = 200
    /// The sentence of an exercise.
    public static let sentence = 1_000
    /// Items of a learner's history.
    public static let historyItems = 50
    /// Steps of help that a hint may give; the first is 1.
    public static let hintLevels = 3
    /// Areas in which a learner is weak.
    public static let weakAreas = 50
    /// The name of such an area.
    public static let area = 100
    /// Further figures about a learner, besides the named ones.
    public static let furtherStatistics = 20
    /// The name of a further figure.
    public static let statisticName = 60
    /// The largest figure about a learner; the smallest is zero.
    public static let figure = 1_000_000_000.0
    /// An accuracy, in percent.
    public static let accuracy = 100.0
    /// Records that one request may name.
    public static let records = 8
    /// The name of a record: type, colon and identifier.
    public static let record = 100
    /// Requests in one batch.
    public static let batch = 50
    /// Insights in one answer.
    public static let insights = 5
}
