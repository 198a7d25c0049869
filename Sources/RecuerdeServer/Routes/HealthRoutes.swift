import HTTPTypes
import Hummingbird
import NIOCore
import Recuerde
import RecuerdeAI

/// The routes for those who watch over the service: health, metrics, and the description of the interface.
struct HealthRoutes: Sendable {
    let service: AIService
    let metrics: RequestMetrics
    let meters: MeterRegistry?
    let started: UnixTime

    func register(on router: Router<ServiceRequestContext>) {
        router.on(.health) { _, context in
            // No body is read here: what comes too late, should Redis be slow, is the answer.
            context.progress.bodyIsIn()
            // 200 whatever the state: a service that answers from memory or from the tutor is not to be restarted.
            return try JSONBody.response(HealthBody(await service.healthCheck()), headers: Self.uncached)
        }
        router.on(.live) { _, _ in try JSONBody.response(["status": "live"], headers: Self.uncached) }
        router.on(.ready) { _, _ in try JSONBody.response(["status": "ready"], headers: Self.uncached) }
        router.on(.metrics) { _, _ in
            var text = PrometheusText()
            metrics.write(to: &text)
            ServiceMetrics.write(service.cacheStatistics(), to: &text)
            ServiceMetrics.write(service.usage, savings: service.savings, to: &text)
            meters?.write(to: &text)
            ServiceMetrics.write(processStart: started, to: &text)
            return Response(
                status: .ok,
                headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: text.text))
            )
        }
        router.on(.openAPI) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: JSONBody.contentType],
                body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json))
            )
        }
    }

    private static let uncached: HTTPFields = [.cacheControl: "no-store"]
}
