import Hummingbird

extension Router<ServiceRequestContext> {
    /// Registers the handler of a route from the list.
    func on(
        _ route: Route,
        use handler: @escaping @Sendable (Request, ServiceRequestContext) async throws -> Response
    ) {
        on(RouterPath(route.template), method: route.method, use: handler)
    }
}
