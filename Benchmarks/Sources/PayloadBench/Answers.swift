/// An answer as the service keeps it.
struct Answer: Codable, Sendable {
    var texts: [String]
    var provider = "anthropic"
    var model = "claude-haiku-4-5"
    var priceRow = "claude-haiku-4-5"
}

/// Answers of several lengths, put together from sentences of one language of which none comes twice.
enum Answers {
    static func answer(_ number: Int, characters: Int) -> Answer {
        let sentences = number % 2 == 0 ? Sentences.english : Sentences.spanish
        // Other steps, for other neighbours; prime to the number of sentences, so that all have their turn.
        let step = [1, 2, 4, 5, 7, 8][number / 2 % 6]
        var text = ""
        var index = number / 12
        while text.count < characters {
            text += (text.isEmpty ? "" : " ") + sentences[index % sentences.count]
            index += step
        }
        return Answer(texts: [String(text.prefix(characters))])
    }
}
