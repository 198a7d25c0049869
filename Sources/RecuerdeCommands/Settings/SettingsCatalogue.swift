import Logging
import Recuerde
import RecuerdeRedis
import RecuerdeServer

/// Every setting of the service, in one table.
enum SettingsCatalogue {
    // MARK: Redis

    static let redisURL = Setting<RedisURL?>(
        "REDIS_URL",
        "Where Redis or Valkey is: redis://, rediss://, valkey://, valkeys://, redis+unix://, redis+cluster:// or "
            + "redis+sentinel://. Unset: memory only.",
        default: nil,
        isSecret: true,
        shown: RedisLocation.masked,
        parse: RedisLocation.parse
    )
    static let timeToLive = Setting<Duration>.seconds(
        "REDIS_CACHE_TTL",
        "Default time to live of a cached value, in seconds.",
        default: 3_600,
        in: 1...315_360_000
    )
    static let prefix = Setting<String>.text(
        "REDIS_CACHE_PREFIX",
        "What every key in Redis begins with. Separate services and environments by it.",
        default: "subjunctive",
        atMost: 128
    )
    static let poolSize = Setting<Int>.integer(
        "REDIS_POOL_SIZE",
        "Most connections to one Redis node for usual commands; large and blocking ones have a few of their own.",
        default: 10,
        in: 1...1_000
    )
    static let format = Setting<WireFormat>.choice(
        "REDIS_CACHE_FORMAT",
        "How values are written: envelope, or plain as the first generation wrote and read them.",
        default: .envelope
    )
    static let redisTimeout = Setting<Duration>.milliseconds(
        "RECUERDE_REDIS_TIMEOUT_MS",
        "The most that one call waits for Redis in all, in milliseconds; at most a quarter of RECUERDE_REQUEST_TIMEOUT.",
        default: 250,
        in: 1...60_000
    )
    static let redisConnectTimeout = Setting<Duration>.milliseconds(
        "RECUERDE_REDIS_CONNECT_TIMEOUT_MS",
        "How long connecting to Redis may take, TLS and login included, in milliseconds.",
        default: 2_000,
        in: 1...60_000
    )
    static let tlsCAFile = Setting<String?>.optionalText(
        "REDIS_TLS_CA_FILE",
        "PEM file of the certificate authorities to trust for rediss://. Unset: those of the system."
    )
    static let tlsCertificateFile = Setting<String?>.optionalText(
        "REDIS_TLS_CERT_FILE",
        "PEM file of the client certificate for rediss://. Needs REDIS_TLS_KEY_FILE."
    )
    static let tlsKeyFile = Setting<String?>.optionalText(
        "REDIS_TLS_KEY_FILE",
        "PEM file of the client certificate's private key."
    )
    static let readingOrder = Setting<ReadingOrderChoice>.choice(
        "RECUERDE_READING_ORDER",
        "Which tier is asked first: memory, as long as Redis tells of what others change; remote; or unchecked, memory whatever others change.",
        default: .memory
    )
    static let invalidation = Setting<InvalidationChoice>.choice(
        "RECUERDE_INVALIDATION",
        "How nodes hear of each other's changes: by client tracking; published on the channel prefix:changes:database, where tracking is not to be had, alike on all nodes; or both, on the way from one to the other.",
        default: .tracking
    )
    static let stalenessBound = Setting<Duration>.milliseconds(
        "RECUERDE_STALENESS_BOUND_MS",
        "How long memory may answer after Redis has stopped telling of changes, before its answers are checked, in milliseconds. 0: not once a connection is gone.",
        default: 5_000,
        in: 0...3_600_000
    )

    static let loadsOncePerCluster = Setting<Bool>.flag(
        "RECUERDE_LOADS_ONCE_PER_CLUSTER",
        "Whether processes that share a Redis leave an answer to the one that asks the provider for it already, and wait for it. Costs three exchanges with Redis for each answer that is made. Without Redis it has no effect.",
        default: true
    )

    // MARK: Memory and lifetimes

    static let memoryEntries = Setting<Int>.integer(
        "RECUERDE_MEMORY_ENTRIES",
        "Most entries in memory.",
        default: 10_000,
        in: 1...100_000_000
    )
    static let memoryBytes = Setting<Int>.integer(
        "RECUERDE_MEMORY_BYTES",
        "Most bytes in memory.",
        default: 67_108_864,
        in: 65_536...1_099_511_627_776
    )
    static let feedbackTimeToLive = Setting<Duration>.seconds(
        "RECUERDE_TTL_FEEDBACK",
        "Time to live of feedback, in seconds.",
        default: 3_600,
        in: 1...315_360_000
    )
    static let hintTimeToLive = Setting<Duration>.seconds(
        "RECUERDE_TTL_HINT",
        "Time to live of hints, in seconds.",
        default: 1_800,
        in: 1...315_360_000
    )
    static let insightsTimeToLive = Setting<Duration>.seconds(
        "RECUERDE_TTL_INSIGHTS",
        "Time to live of insights, in seconds.",
        default: 7_200,
        in: 1...315_360_000
    )

    // MARK: Providers

    static let anthropicKey = Setting<String?>.secret(
        "ANTHROPIC_API_KEY",
        "Key of the Anthropic API. Unset: the OpenAI-compatible provider if one is set, else the built-in tutor."
    )
    static let anthropicModel = Setting<String>.text(
        "ANTHROPIC_MODEL",
        "Model that answers.",
        default: "claude-haiku-4-5",
        atMost: 256
    )
    static let anthropicBaseURL = Setting<String?>.optionalURL(
        "ANTHROPIC_BASE_URL",
        "Where the Anthropic API is. Unset: the vendor's. Plain http only to this machine."
    )
    static let maxTokens = Setting<Int?>.optionalInteger(
        "ANTHROPIC_MAX_TOKENS",
        "Upper limit of tokens for every kind of answer. Unset: each kind's own.",
        in: 1...100_000
    )
    static let temperature = Setting<Double?>.optionalNumber(
        "ANTHROPIC_TEMPERATURE",
        "Temperature for every kind of answer, 0 to 1. Unset: each kind's own.",
        in: 0...1
    )
    static let openAIKey = Setting<String?>.secret(
        "OPENAI_API_KEY",
        "Key of an OpenAI-compatible provider; used when ANTHROPIC_API_KEY is unset."
    )
    static let openAIBaseURL = Setting<String?>.optionalURL(
        "OPENAI_BASE_URL",
        "Where the OpenAI-compatible provider is; alone it suffices for one without a key, such as Ollama."
    )
    static let openAIModel = Setting<String?>.optionalText(
        "OPENAI_MODEL",
        "Model of the OpenAI-compatible provider.",
        atMost: 256
    )
    static let dailyBudget = Setting<Double?>.optionalNumber(
        "RECUERDE_DAILY_BUDGET",
        "Dollars a day (UTC) for the provider, counted by each process from its start; when spent, the tutor answers. "
            + "Unset: no limit.",
        in: 0...1_000_000
    )
    static let pricesFile = Setting<String?>.optionalText(
        "RECUERDE_PRICES_FILE",
        "JSON file of prices that takes the place of the built-in table."
    )

    // MARK: Service

    static let host = Setting<String>.text(
        "RECUERDE_HOST",
        "Host name or address to listen on.",
        default: "127.0.0.1",
        atMost: 255
    )
    static let port = Setting<Int>.integer(
        "RECUERDE_PORT",
        "TCP port to listen on; 0 takes a free one.",
        default: 8_000,
        in: 0...65_535
    )
    static let adminToken = Setting<String?>.secret(
        "RECUERDE_ADMIN_TOKEN",
        "Bearer token of the administrative routes, at least 16 characters. Unset: they answer 403.",
        atLeast: 16
    )
    static let rateLimit = Setting<Int>.integer(
        "RECUERDE_RATE_LIMIT",
        "Requests for AI answers that one client may make in a minute, each item of a batch being one; 0 sets no limit.",
        default: 120,
        in: 0...1_000_000
    )
    static let maxBodyBytes = Setting<Int>.integer(
        "RECUERDE_MAX_BODY_BYTES",
        "Largest request body, in bytes.",
        default: 262_144,
        in: 1_024...16_777_216
    )
    static let requestTimeout = Setting<Duration>.seconds(
        "RECUERDE_REQUEST_TIMEOUT",
        "How long a request's body may take to come in, and then its answer, in seconds.",
        default: 30,
        in: 1...600
    )
    static let shutdownTimeout = Setting<Duration>.seconds(
        "RECUERDE_SHUTDOWN_TIMEOUT",
        "How long requests in flight may go on after SIGTERM or SIGINT, in seconds.",
        default: 20,
        in: 0...600
    )
    static let trustForwardedFor = Setting<Bool>.flag(
        "RECUERDE_TRUST_FORWARDED_FOR",
        "Take the client's address from the last entry of X-Forwarded-For. Only behind a proxy that sets it.",
        default: false
    )
    static let logLevel = Setting<Logger.Level>.choice(
        "LOG_LEVEL",
        "Lowest level that is logged: trace, debug, info, notice, warning, error or critical.",
        default: .info
    )
    static let logFormat = Setting<LogFormat>.choice(
        "LOG_FORMAT",
        "How log lines look: json or text.",
        default: .json
    )

    /// Every setting, in the order in which people read them.
    static let groups: [(title: String, settings: [any AnySetting])] = [
        (
            "Redis",
            [
                redisURL, timeToLive, prefix, poolSize, format, redisTimeout, redisConnectTimeout, tlsCAFile,
                tlsCertificateFile, tlsKeyFile, readingOrder, invalidation, stalenessBound, loadsOncePerCluster,
            ]
        ),
        ("What Redis keeps", payload),
        (
            "Memory and lifetimes",
            [memoryEntries, memoryBytes, feedbackTimeToLive, hintTimeToLive, insightsTimeToLive]
        ),
        (
            "Provider of answers",
            [
                anthropicKey, anthropicModel, anthropicBaseURL, maxTokens, temperature, openAIKey, openAIBaseURL,
                openAIModel, dailyBudget, pricesFile,
            ]
        ),
        (
            "Service",
            [
                host, port, adminToken, rateLimit, maxBodyBytes, requestTimeout, shutdownTimeout, trustForwardedFor,
                logLevel, logFormat,
            ]
        ),
    ]

    static let all: [any AnySetting] = groups.flatMap(\.settings)
}
