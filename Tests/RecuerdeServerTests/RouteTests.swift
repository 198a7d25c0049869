import HTTPTypes
import Testing

@testable import RecuerdeServer

@Suite struct RouteTests {
    @Test func knowsTheMethodsOfAPath() {
        #expect(Route.methods(at: "/api/ai/feedback").map(\.rawValue) == ["POST"])
        #expect(Route.methods(at: "/api/cache/keys/a:b").map(\.rawValue) == ["DELETE", "GET", "HEAD"])
        #expect(Route.methods(at: "/api/cache").map(\.rawValue) == ["DELETE"])
        #expect(Route.methods(at: "/health/live/").map(\.rawValue) == ["GET", "HEAD"])
    }

    @Test(arguments: ["/", "", "/api", "/api/cache/keys/a/b", "/API/AI/FEEDBACK"])
    func knowsNothingElse(path: String) {
        #expect(Route.methods(at: path).isEmpty)
    }

    @Test func noRouteStandsTwiceInTheList() {
        #expect(Set(Route.all).count == Route.all.count)
    }
}
