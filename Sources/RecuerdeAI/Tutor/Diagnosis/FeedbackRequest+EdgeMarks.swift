extension FeedbackRequest {
    /// The same without marks before and after the answers, which say nothing about the verb: `hable.` is `hable`.
    var withoutEdgeMarks: FeedbackRequest {
        var request = self
        request.userAnswer = Self.withoutEdgeMarks(userAnswer)
        request.correctAnswer = Self.withoutEdgeMarks(correctAnswer)
        return request
    }

    /// What consists of marks only stays as it is.
    private static func withoutEdgeMarks(_ text: String) -> String {
        func isMark(_ character: Character) -> Bool { character.isPunctuation || character.isWhitespace }
        guard let first = text.firstIndex(where: { !isMark($0) }), let last = text.lastIndex(where: { !isMark($0) })
        else { return text }
        return String(text[first...last])
    }
}
