/// How much of a request's body still comes in after the request has been answered.
///
/// A client that is refused early (401, 404, 413, 415, 429) may go on sending. A bit of that is read and thrown away,
/// since closing at once would take the answer from a client that reads only after it has sent all; the rest is not.
/// Free of I/O.
struct UnreadBody {
    private let limit: Int
    private var begun = 0
    private var answered = 0
    private var isReceiving = false
    private var unread = 0

    /// - Parameter limit: the most bytes that are thrown away after an answer.
    init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// What a connection does after an event.
    enum Action: Equatable {
        case goOn
        /// The answer is out and the body is not in: it may go on within the limits, and the time starts now.
        case startTimer
        /// Enough.
        case close
    }

    /// True while the body of an answered request is still coming in.
    var isDraining: Bool { isReceiving && answered >= begun }

    mutating func requestBegins() {
        begun += 1
        isReceiving = true
        unread = 0
    }

    mutating func bodyArrives(bytes: Int) -> Action {
        guard isDraining else { return .goOn }
        unread += bytes
        return unread > limit ? .close : .goOn
    }

    mutating func requestEnds() {
        isReceiving = false
    }

    mutating func answerEnds() -> Action {
        answered += 1
        return isDraining ? .startTimer : .goOn
    }
}
