import Logging
import Synchronization

/// What the tier announces, and what becomes of it.
extension RedisTier {
    /// Own changes of which others were not told.
    struct Unannounced {
        var count = 0
        /// Whether the last one that should have been announced was not.
        var isCurrent = false
    }

    static let refusedAnnouncement = "the server does not let this user publish on the channel of the cache"

    /// What is known of announcements; nil where neither is listened to them nor anything announced.
    public var announcements: RedisTierAnnouncements? {
        guard invalidation.announcingChannel != nil else { return nil }
        let unannounced = unannounced.withLock { $0 }
        return RedisTierAnnouncements(
            isHearing: watch?.identity != nil,
            unannounced: unannounced.count,
            fault: unannounced.isCurrent ? Self.refusedAnnouncement : watch?.fault
        )
    }

    /// A script has said whether it was let: 0 if not.
    func noteAnnouncement(_ answer: RESPValue) {
        let isRefused = answer.int == 0
        let isNew = unannounced.withLock { unannounced in
            defer { unannounced.isCurrent = isRefused }
            if isRefused { unannounced.count += 1 }
            return isRefused && !unannounced.isCurrent
        }
        if isNew {
            logger?.warning("redis_announcement_refused", metadata: ["recuerde.reason": "\(Self.refusedAnnouncement)"])
        }
    }
}
