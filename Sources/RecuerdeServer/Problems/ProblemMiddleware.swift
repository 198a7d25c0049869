import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Recuerde
import RecuerdeAI

/// Turns every error of a route, and every request that no route takes, into `application/problem+json`.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = ServiceRequestContext

    func handle(
        _ request: Request,
        context: ServiceRequestContext,
        next: @concurrent (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch {
            let problem = Self.problem(for: error, request: request, context: context)
            return JSONBody.response(problem, requestID: context.requestID)
        }
    }

    static func problem(for error: any Error, request: Request, context: ServiceRequestContext) -> Problem {
        switch error {
        case let problem as Problem:
            return problem
        case let error as AIServiceError:
            return Problem(error) ?? unexpected(error, context)
        case let error as CacheError:
            return Problem(error) ?? unexpected(error, context)
        case let error as HTTPError where error.status == .notFound:
            let methods = Route.methods(at: request.uri.path)
            return methods.isEmpty ? .notFound : .methodNotAllowed(allowed: methods)
        case let error as HTTPError where error.status.kind == .clientError:
            return Problem(error.status, code: "bad_request", detail: "The request is not acceptable.")
        case is CancellationError:
            return .answerTimedOut
        default:
            return unexpected(error, context)
        }
    }

    /// Logs the type of an error that nobody expected; its words might show what a learner wrote.
    private static func unexpected(_ error: any Error, _ context: ServiceRequestContext) -> Problem {
        context.logger.error("request_failed", metadata: ["error_type": "\(type(of: error))"])
        return .internalError
    }
}
