import Recuerde

/// Statistics as clients get them: the names of the first generation, and what came since.
struct StatisticsBody: Encodable {
    struct Counters: Encodable {
        let hits: Int
        let misses: Int
        let sets: Int
        let deletes: Int
        let errors: Int
        let totalRequests: Int
        let hitRatePercent: Double

        init(_ counters: CacheStatistics.Counters) {
            hits = counters.hits
            misses = counters.misses
            sets = counters.sets
            deletes = counters.deletes
            errors = counters.errors
            totalRequests = counters.totalRequests
            hitRatePercent = counters.hitRatePercent
        }
    }

    struct Tiers: Encodable {
        let memory: Counters
        let redis: Counters
    }

    /// Looks into each tier that found an entry void by one of its tags.
    struct VoidByTags: Encodable {
        let memory: Int
        let redis: Int
    }

    /// What became of entries on their way out of memory and back.
    struct Payload: Encodable {
        let compressed: Int
        let bytesBeforeCompression: Int
        let bytesAfterCompression: Int
        let encrypted: Int
        let unencryptedRefused: Int
        let unknownKeys: Int
        let forgeries: Int
        let notInflated: Int
        let otherSchemas: Int
        let schemaUpgrades: Int

        init(_ payload: PayloadStatistics) {
            compressed = payload.compressed
            bytesBeforeCompression = payload.bytesBeforeCompression
            bytesAfterCompression = payload.bytesAfterCompression
            encrypted = payload.encrypted
            unencryptedRefused = payload.unencryptedRefused
            unknownKeys = payload.unknownKeys
            forgeries = payload.forgeries
            notInflated = payload.notInflated
            otherSchemas = payload.otherSchemas
            schemaUpgrades = payload.schemaUpgrades
        }
    }

    let hits: Int
    let misses: Int
    let sets: Int
    let deletes: Int
    let errors: Int
    let totalRequests: Int
    let hitRatePercent: Double
    let uptimeSeconds: Double
    let backend: String
    let redisAvailable: Bool
    let cacheSize: Int
    let memoryBytes: Int
    let staleServed: Int
    let unverifiedServed: Int
    let invalidations: Int
    let invalidationLines: Int
    let loads: Int
    let loadFailures: Int
    let leaseWaits: Int
    let leasesLost: Int
    let expires: Int
    let tagInvalidations: Int
    let voidByTags: VoidByTags
    let decodeFailures: Int
    let payload: Payload
    let evictions: Int
    let expirations: Int
    let journalDepth: Int
    let journalReasons: [String: Int]
    let journalOverflows: Int
    let tiers: Tiers
    let kinds: [String: Counters]

    init(_ statistics: CacheStatistics) {
        hits = statistics.total.hits
        misses = statistics.total.misses
        sets = statistics.total.sets
        deletes = statistics.total.deletes
        errors = statistics.total.errors
        totalRequests = statistics.total.totalRequests
        hitRatePercent = statistics.total.hitRatePercent
        uptimeSeconds = (statistics.uptime.inSeconds * 1_000).rounded() / 1_000
        backend = statistics.backend
        redisAvailable = statistics.redisAvailable
        cacheSize = statistics.cacheSize
        memoryBytes = statistics.memoryBytes
        staleServed = statistics.staleServed
        unverifiedServed = statistics.unverifiedServed
        invalidations = statistics.invalidations
        invalidationLines = statistics.invalidationLines
        loads = statistics.loads
        loadFailures = statistics.loadFailures
        leaseWaits = statistics.leaseWaits
        leasesLost = statistics.leasesLost
        expires = statistics.expires
        tagInvalidations = statistics.tagInvalidations
        voidByTags = VoidByTags(memory: statistics.voidInMemory, redis: statistics.voidInRemote)
        decodeFailures = statistics.decodeFailures
        payload = Payload(statistics.payload)
        evictions = statistics.evictions
        expirations = statistics.expirations
        journalDepth = statistics.journalDepth
        journalReasons = Dictionary(
            uniqueKeysWithValues: statistics.journalReasons.map { ($0.description, $1) }
        )
        journalOverflows = statistics.journalOverflows
        tiers = Tiers(memory: Counters(statistics.memory), redis: Counters(statistics.remote))
        kinds = statistics.perKind.mapValues(Counters.init)
    }
}
