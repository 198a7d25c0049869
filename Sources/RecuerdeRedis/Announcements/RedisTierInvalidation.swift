/// How the caches on a ``RedisTier`` hear of what others change in Redis.
///
/// All nodes of one cache have to agree: a node that announces nothing is not heard by nodes that listen to announcements, and they
/// would serve from memory what it has replaced. So announcements are never chosen by themselves.
public struct RedisTierInvalidation: Sendable, Hashable {
    enum Way: Sendable, Hashable {
        case tracking(announcingOn: String?)
        case published(channel: String)
    }

    let way: Way

    /// By client tracking, if the client was made with ``RedisConfiguration/tracksKeys`` and the server and the user's rights allow it; else
    /// nothing is told, and Redis is asked first. The default.
    ///
    /// Sees everything: other programs, expiry, eviction and FLUSHALL as well.
    public static let tracking = RedisTierInvalidation(way: .tracking(announcingOn: nil))

    /// As ``tracking``, and besides, what this node changes is announced to nodes that only listen to announcements: for the time in
    /// which a fleet goes from one way to the other, and for fleets of which only a part may track.
    ///
    /// - Parameter channel: That of the others; see ``channel(prefix:database:)``.
    public static func trackingAndAnnouncing(on channel: String) -> RedisTierInvalidation {
        RedisTierInvalidation(way: .tracking(announcingOn: channel))
    }

    /// By announcements over pub/sub, for servers, proxies and users without client tracking: what a node writes, removes or clears is
    /// announced by the step that does it, and the path is proved by messages that each node sends to itself.
    ///
    /// Not seen: what other programs do; nodes that do not announce; keys that Redis drops by itself, copies of which stay in memory until they expire
    /// or somebody writes or clears; FLUSHALL. Entries in the `plain` format, which exist to be shared with programs that
    /// announce nothing, and clusters, whose nodes may lose messages of each other unnoticed, are asked for in Redis first.
    ///
    /// Needs the rights `+publish`, `+subscribe` and `&channel`.
    ///
    /// - Parameter channel: Which channel; see ``channel(prefix:database:)``. A clear makes all caches that listen to one channel read
    ///   anew, so give each prefix its own.
    public static func published(on channel: String) -> RedisTierInvalidation {
        RedisTierInvalidation(way: .published(channel: channel))
    }

    /// The usual name of the channel of a cache. Channels belong to the whole server, so the database is part of it.
    public static func channel(prefix: String, database: Int = 0) -> String {
        "\(prefix):changes:\(database)"
    }

    /// Where changes are announced; nil for nowhere.
    var announcingChannel: String? {
        switch way {
        case .tracking(let channel): channel
        case .published(let channel): channel
        }
    }
}

/// What a ``RedisTier`` knows of its announcements; see ``RedisTierInvalidation/published(on:)``.
public struct RedisTierAnnouncements: Sendable, Hashable {
    /// Whether those of others are heard, and the path was found to be alive.
    public var isHearing: Bool
    /// How many of its own changes the server has not let it announce: others do not know of them.
    public var unannounced: Int
    /// Why nothing is heard, or why the last change was not announced; nil where all is well. Without secrets and names.
    public var fault: String?
}
