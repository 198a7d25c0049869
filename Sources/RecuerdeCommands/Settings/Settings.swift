import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeServer

/// The effective settings, read and checked.
struct Settings: Sendable {
    var redisURL: RedisURL?
    var timeToLive: Duration
    var prefix: String
    var poolSize: Int
    var format: WireFormat
    var redisTimeout: Duration
    var redisConnectTimeout: Duration
    var tlsCAFile: String?
    var tlsCertificateFile: String?
    var tlsKeyFile: String?
    var readingOrder: ReadingOrderChoice
    var invalidation: InvalidationChoice
    var stalenessBound: Duration
    var loadsOncePerCluster: Bool

    var compresses: Bool
    var compressionBytes: Int
    var encryption: PayloadEncryption.Policy
    var encryptionKeys: [EncryptionKey]
    var encryptionKeyID: String?
    var nameSecret: KeyHashing?

    var memoryEntries: Int
    var memoryBytes: Int
    var feedbackTimeToLive: Duration
    var hintTimeToLive: Duration
    var insightsTimeToLive: Duration

    var anthropicKey: String?
    var anthropicModel: String
    var anthropicBaseURL: String?
    var maxTokens: Int?
    var temperature: Double?
    var openAIKey: String?
    var openAIBaseURL: String?
    var openAIModel: String?
    var dailyBudget: Double?
    var pricesFile: String?

    var host: String
    var port: Int
    var adminToken: String?
    var rateLimit: Int
    var maxBodyBytes: Int
    var requestTimeout: Duration
    var shutdownTimeout: Duration
    var trustForwardedFor: Bool
    var logLevel: Logger.Level
    var logFormat: LogFormat

    /// Reads every setting of the catalogue.
    ///
    /// - Throws: ``SettingsError`` for the first that cannot be read, or for two that do not go together.
    init(_ reader: SettingsReader) throws(SettingsError) {
        redisURL = try reader.value(SettingsCatalogue.redisURL)
        timeToLive = try reader.value(SettingsCatalogue.timeToLive)
        prefix = try reader.value(SettingsCatalogue.prefix)
        poolSize = try reader.value(SettingsCatalogue.poolSize)
        format = try reader.value(SettingsCatalogue.format)
        redisTimeout = try reader.value(SettingsCatalogue.redisTimeout)
        redisConnectTimeout = try reader.value(SettingsCatalogue.redisConnectTimeout)
        tlsCAFile = try reader.value(SettingsCatalogue.tlsCAFile)
        tlsCertificateFile = try reader.value(SettingsCatalogue.tlsCertificateFile)
        tlsKeyFile = try reader.value(SettingsCatalogue.tlsKeyFile)
        readingOrder = try reader.value(SettingsCatalogue.readingOrder)
        invalidation = try reader.value(SettingsCatalogue.invalidation)
        stalenessBound = try reader.value(SettingsCatalogue.stalenessBound)
        loadsOncePerCluster = try reader.value(SettingsCatalogue.loadsOncePerCluster)
        compresses = try reader.value(SettingsCatalogue.compression)
        compressionBytes = try reader.value(SettingsCatalogue.compressionBytes)
        encryption = try reader.value(SettingsCatalogue.encryption)
        encryptionKeys = try reader.value(SettingsCatalogue.encryptionKeys)
        encryptionKeyID = try reader.value(SettingsCatalogue.encryptionKeyID)
        nameSecret = try reader.value(SettingsCatalogue.nameSecret)
        memoryEntries = try reader.value(SettingsCatalogue.memoryEntries)
        memoryBytes = try reader.value(SettingsCatalogue.memoryBytes)
        feedbackTimeToLive = try reader.value(SettingsCatalogue.feedbackTimeToLive)
        hintTimeToLive = try reader.value(SettingsCatalogue.hintTimeToLive)
        insightsTimeToLive = try reader.value(SettingsCatalogue.insightsTimeToLive)
        anthropicKey = try reader.value(SettingsCatalogue.anthropicKey)
        anthropicModel = try reader.value(SettingsCatalogue.anthropicModel)
        anthropicBaseURL = try reader.value(SettingsCatalogue.anthropicBaseURL)
        maxTokens = try reader.value(SettingsCatalogue.maxTokens)
        temperature = try reader.value(SettingsCatalogue.temperature)
        openAIKey = try reader.value(SettingsCatalogue.openAIKey)
        openAIBaseURL = try reader.value(SettingsCatalogue.openAIBaseURL)
        openAIModel = try reader.value(SettingsCatalogue.openAIModel)
        dailyBudget = try reader.value(SettingsCatalogue.dailyBudget)
        pricesFile = try reader.value(SettingsCatalogue.pricesFile)
        host = try reader.value(SettingsCatalogue.host)
        port = try reader.value(SettingsCatalogue.port)
        adminToken = try reader.value(SettingsCatalogue.adminToken)
        rateLimit = try reader.value(SettingsCatalogue.rateLimit)
        maxBodyBytes = try reader.value(SettingsCatalogue.maxBodyBytes)
        requestTimeout = try reader.value(SettingsCatalogue.requestTimeout)
        shutdownTimeout = try reader.value(SettingsCatalogue.shutdownTimeout)
        trustForwardedFor = try reader.value(SettingsCatalogue.trustForwardedFor)
        logLevel = try reader.value(SettingsCatalogue.logLevel)
        logFormat = try reader.value(SettingsCatalogue.logFormat)
        try checkTogether()
    }

    private func checkTogether() throws(SettingsError) {
        _ = try payload()
        if tlsCertificateFile != nil && tlsKeyFile == nil {
            throw SettingsError(name: "REDIS_TLS_KEY_FILE", reason: "must be set where REDIS_TLS_CERT_FILE is")
        }
        if tlsKeyFile != nil && tlsCertificateFile == nil {
            throw SettingsError(name: "REDIS_TLS_CERT_FILE", reason: "must be set where REDIS_TLS_KEY_FILE is")
        }
        // Redis is asked before a load and again after it, and the answer still has to be out in time.
        if redisTimeout > requestTimeout / 4 {
            throw SettingsError(
                name: "RECUERDE_REDIS_TIMEOUT_MS",
                reason: "must be at most a quarter of RECUERDE_REQUEST_TIMEOUT"
            )
        }
        // The vendor's address has a default model; any other address has models of its own.
        if openAIBaseURL != nil && openAIModel == nil {
            throw SettingsError(name: "OPENAI_MODEL", reason: "must be set where OPENAI_BASE_URL is")
        }
    }
}
