import HTTPTypes
import Hummingbird
import Recuerde

/// Looks for what is kept.
extension ResponseCacheMiddleware {
    /// What a look in one place came to.
    enum Look {
        case response(Response)
        /// What is kept there is for other requests.
        case elsewhere(Selection)
        /// The request that was waited for has gone, or what came is not what this one accepts.
        case again
        /// The handler is to be run for this request alone.
        case alone
    }

    func look(
        in place: Place,
        for question: Question,
        _ context: Context,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Look {
        let directives = question.directives
        let fields = question.request.headers
        var refreshes = directives.noCache
        do {
            if refreshes {
                // What is for others is not to be replaced.
                let known = try await cache.lastKnown(place.key, as: StoredResponse.self)
                if let known, !known.value.selection.matches(fields) { return .elsewhere(known.value.selection) }
            } else if let found = try cache.atHand(place.key, as: StoredResponse.self) {
                guard found.value.selection.matches(fields) else { return .elsewhere(found.value.selection) }
                if let response = response(found, to: question) { return .response(response) }
                refreshes = true
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return directives.onlyIfCached ? .response(nothingKept()) : .alone
        }
        let isHead = question.request.method == .head
        let isBeingMade = makers.contains(place.key)
        if !directives.noCache, directives.onlyIfCached || directives.maximumStale != nil || isHead || isBeingMade {
            var options = EntryOptions()
            options.acceptsStale = true
            if let known = try? await cache.result(for: place.key, as: StoredResponse.self, options: options) {
                guard known.value.selection.matches(fields) else { return .elsewhere(known.value.selection) }
                if let response = response(known, to: question, isBeingMade: isBeingMade) { return .response(response) }
            }
        }
        if directives.onlyIfCached { return .response(nothingKept()) }
        if isHead { return .alone }
        return try await load(place, question, refreshes: refreshes, context, next)
    }

    /// The response that is kept, if the request takes it at its age.
    ///
    /// - Parameter isBeingMade: Whether another request makes a new one.
    func response(
        _ found: CacheResult<StoredResponse>,
        to question: Question,
        isBeingMade: Bool = false
    ) -> Response? {
        let provenance = found.provenance
        let directives = question.directives
        let age = provenance.age + found.value.initialAge
        let remaining = provenance.remaining ?? .zero
        guard provenance.source == .stale else {
            guard directives.acceptsFresh(age: age, remaining: remaining) else { return nil }
            let status = "hit; ttl=\(remaining.components.seconds); detail=\(provenance.source)"
            return serve(found.value, age: age, status, to: question.request)
        }
        let staleFor = max(.zero, .zero - remaining)
        let isTakenMeanwhile =
            isBeingMade && staleFor <= found.value.staleWhileRevalidate && directives.minimumFresh == nil
            && directives.maximumAge.map { age <= $0 } != false
        guard isTakenMeanwhile || directives.acceptsStale(age: age, staleFor: staleFor) else { return nil }
        return serve(found.value, age: age, "hit; ttl=\(-staleFor.wholeSecondsUp)", to: question.request)
    }
}

extension Duration {
    /// Whole seconds, and one for what is left of them.
    var wholeSecondsUp: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }
}
