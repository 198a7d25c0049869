import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Asks a server for its certificate in order to say what is wrong with it.
///
/// The probe refuses every certificate, so that no byte of a command or a password is ever sent over it.
enum CertificateProbe {
    /// In words, or nil if nothing can be found out. The future never lasts longer than the connect timeout.
    static func reason(_ configuration: RedisConfiguration, eventLoop: any EventLoop) -> EventLoopFuture<String?> {
        let result = Holder()
        let limit = TimeAmount.nanoseconds(configuration.connectTimeout.clampedNanoseconds)
        let settings = configuration.tls
        let name = TLSContext.serverName(configuration)
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try TLSContext.make(settings) }
            .flatMap { context in
                ClientBootstrap(group: eventLoop).connectTimeout(limit)
                    .resolver(configuration.resolver?(eventLoop))
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            let refuse: NIOSSLCustomVerificationCallback = { chain, promise in
                                result.reason.withLock { $0 = Self.fault(of: chain) }
                                promise.succeed(.failed)
                            }
                            let handler = try NIOSSLClientHandler(
                                context: context,
                                serverHostname: name,
                                customVerificationCallback: refuse
                            )
                            try channel.pipeline.syncOperations.addHandlers(handler, Closer())
                        }
                    }
                    .connect(host: configuration.url.host, port: configuration.url.port)
            }
            .flatMap { channel in
                let timer = eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                return channel.closeFuture.always { _ in timer.cancel() }
            }
            .map { result.reason.withLock { $0 } }
    }

    private static func fault(of chain: [NIOSSLCertificate]) -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        if chain.contains(where: { $0.notValidAfter < now.tv_sec }) { return "it has expired" }
        if chain.contains(where: { $0.notValidBefore > now.tv_sec }) { return "it is not valid yet" }
        return "it leads to no trusted root (unknown CA; name the CA file), or is not meant for servers"
    }

    /// Shares a lock between closures.
    private final class Holder: Sendable {
        let reason = Mutex<String?>(nil)
    }

    /// Closes on the first error, which here is the expected end.
    private final class Closer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
