/// How long the parts of one answer may take, so that what is slow ends in a stand-in and never in a failed request.
///
/// Each inner limit ends before the outer one, by a margin or by what Redis may take: request, then batch, then the wait
/// for one answer, then load, then the provider's call.
struct AnswerDeadlines: Sendable, Hashable {
    /// After this time the items of a batch that are not answered get the stand-in.
    let batch: Duration
    /// After this time whoever waits for an answer gets the stand-in, whether its own load is at work or another process's.
    let answer: Duration
    /// After this time a load is given up.
    let load: Duration
    /// How long a call to the provider may take, with all its attempts and pauses.
    let provider: Duration

    /// Derives the limits from that of a request.
    ///
    /// The margin is a twelfth of the request's time and at most five seconds. Redis may take its own time around a
    /// load, so that is taken off as well: at most a quarter of the request's time, which is all that the settings allow.
    init(requestTimeout: Duration, redisTimeout: Duration) {
        let margin = min(requestTimeout / 12, .seconds(5))
        batch = requestTimeout - margin
        answer = batch - margin
        load = answer - min(redisTimeout, requestTimeout / 4)
        provider = load * 9 / 10
    }
}
