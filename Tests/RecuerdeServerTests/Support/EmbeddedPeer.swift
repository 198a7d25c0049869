import NIOCore
import NIOEmbedded

/// A channel that leads nowhere.
enum EmbeddedPeer {
    static var channel: any Channel { NIOAsyncTestingChannel() }
}
