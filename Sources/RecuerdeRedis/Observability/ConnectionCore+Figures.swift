/// Connections that come and go, for the figures and the observer.
extension ConnectionCore {
    /// A connection is in use from now on.
    func countOpened() {
        shared.recorder.connectionOpened(RedisServerAddress(shared.configuration.url), isReconnect: hasBeenOpen)
        hasBeenOpen = true
    }

    /// The connection in use is no longer.
    func countClosed(_ error: RedisError?) {
        shared.recorder.connectionClosed(RedisServerAddress(shared.configuration.url), error: error)
    }
}
