import RecuerdeAI

/// One item of a batch: what it asks, or what is wrong with it; a bad item leaves its neighbours alone.
struct BatchItem<Value: Decodable & Sendable>: Decodable, Sendable {
    let result: Result<Value, Problem>

    init(from decoder: any Decoder) throws {
        let depth = decoder.codingPath.count
        do {
            result = .success(try Value(from: decoder))
        } catch let error as DecodingError {
            result = .failure(Problem(decoding: error, below: depth, root: "item"))
        } catch {
            result = .failure(.malformedJSON)
        }
    }
}

/// One answer of a batch: `{"feedback",…}` or `{"error":problem}`.
struct BatchAnswer: Encodable {
    let result: Result<FeedbackAnswer, Problem>

    init(_ result: Result<FeedbackAnswer, Problem>) {
        self.result = result
    }

    private enum CodingKeys: String, CodingKey {
        case error
    }

    func encode(to encoder: any Encoder) throws {
        switch result {
        case .success(let answer):
            try answer.encode(to: encoder)
        case .failure(let problem):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(problem, forKey: .error)
        }
    }
}
