/// What a model's tokens cost from a day on: one row of the ``PriceTable``.
///
/// In JSON, prices are US dollars per million tokens:
/// `{"id","provider","models":[…],"input","cached_input"?,"cache_write"?,"output","effective_from"?,
/// "above_input_tokens"?,"source"?}`.
public struct PriceRow: Sendable, Hashable {
    /// The highest price in US dollars per million tokens that is believed.
    static let maximumPrice = 1_000_000.0

    /// The row's name, which a savings figure quotes.
    public var id: String
    /// The provider's name, as in ``ProviderIdentity/name``.
    public var provider: String
    /// The models; each also stands for itself with a date after it (`claude-haiku-4-5-20251001`).
    public var models: [String]
    /// Microdollars per million tokens read at the full price.
    public var input: UInt64
    /// Microdollars per million tokens that the provider had in its prompt cache.
    public var cachedInput: UInt64
    /// Microdollars per million tokens that it put there.
    public var cacheWrite: UInt64
    /// Microdollars per million tokens written.
    public var output: UInt64
    /// The first day of UTC on which the row holds, as `2026-10-07`; nil for "since ever".
    public var effectiveFrom: String?
    /// The row holds only for requests with more input tokens than this, all of which it prices.
    public var aboveInputTokens: Int?
    /// Where the price was read.
    public var source: String?

    /// Makes a row from prices in US dollars per million tokens.
    ///
    /// A cached or cache-write price that is not known counts as the full price. Prices outside 0 to 1 000 000 are
    /// held to these bounds.
    public init(
        id: String,
        provider: String,
        models: [String],
        input: Double,
        cachedInput: Double? = nil,
        cacheWrite: Double? = nil,
        output: Double,
        effectiveFrom: String? = nil,
        aboveInputTokens: Int? = nil,
        source: String? = nil
    ) {
        self.id = id
        self.provider = provider
        self.models = models
        self.input = Self.microdollars(input)
        self.cachedInput = Self.microdollars(cachedInput ?? input)
        self.cacheWrite = Self.microdollars(cacheWrite ?? input)
        self.output = Self.microdollars(output)
        self.effectiveFrom = effectiveFrom
        self.aboveInputTokens = aboveInputTokens
        self.source = source
    }

    /// The highest prices of the built-in table, for models that nobody knows the price of.
    public static let conservative = PriceRow(
        id: "unknown-model",
        provider: "",
        models: [],
        input: 10,
        cacheWrite: 20,
        output: 50
    )

    /// What tokens cost, in millionths of a US dollar, rounded up.
    public func microdollars(for usage: TokenUsage) -> UInt64 {
        // At most 10^8 tokens at 10^12 microdollars per million each: the sum of four needs more than 64 bits.
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (tokens, price) in [
            (usage.input, input), (usage.cachedInput, cachedInput), (usage.cacheWrite, cacheWrite),
            (usage.output, output),
        ] {
            let product = UInt64(max(0, tokens)).multipliedFullWidth(by: price)
            let (sum, carry) = low.addingReportingOverflow(product.low)
            low = sum
            high &+= product.high &+ (carry ? 1 : 0)
        }
        guard high < 1_000_000 else { return .max }
        let (quotient, remainder) = UInt64(1_000_000).dividingFullWidth((high, low))
        return remainder == 0 || quotient == .max ? quotient : quotient + 1
    }

    /// Whether the row speaks of a model, with or without a date after its name.
    func covers(model: String) -> Bool {
        models.contains { name in
            guard model.hasPrefix(name) else { return false }
            let rest = model.dropFirst(name.count)
            guard let first = rest.first else { return true }
            let digits = rest.filter(\.isWholeNumber).count
            return first == "-" && digits == 8 && rest.allSatisfy { $0 == "-" || $0.isWholeNumber }
        }
    }

    private static func microdollars(_ dollars: Double) -> UInt64 {
        guard dollars.isFinite else { return dollars > 0 ? UInt64(maximumPrice * 1_000_000) : 0 }
        return UInt64((min(max(0, dollars), maximumPrice) * 1_000_000).rounded())
    }
}

extension PriceRow: Decodable {
    enum CodingKeys: String, CodingKey {
        case id, provider, models, input, output, source
        case cachedInput = "cached_input"
        case cacheWrite = "cache_write"
        case effectiveFrom = "effective_from"
        case aboveInputTokens = "above_input_tokens"
    }

    /// Reads the JSON form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try container.decode(String.self, forKey: .id),
            provider: try container.decode(String.self, forKey: .provider),
            models: try container.decode([String].self, forKey: .models),
            input: try container.decode(Double.self, forKey: .input),
            cachedInput: try container.decodeIfPresent(Double.self, forKey: .cachedInput),
            cacheWrite: try container.decodeIfPresent(Double.self, forKey: .cacheWrite),
            output: try container.decode(Double.self, forKey: .output),
            effectiveFrom: try container.decodeIfPresent(String.self, forKey: .effectiveFrom),
            aboveInputTokens: try container.decodeIfPresent(Int.self, forKey: .aboveInputTokens),
            source: try container.decodeIfPresent(String.self, forKey: .source)
        )
    }
}
