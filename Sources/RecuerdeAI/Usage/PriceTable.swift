import Foundation
public import Recuerde

/// What the models cost, as data with dates: prices change several times a year.
public struct PriceTable: Sendable, Hashable {
    private struct File: Decodable {
        var rows: [PriceRow]
    }

    /// The rows, in no particular order.
    public var rows: [PriceRow]

    /// Makes a table of rows.
    public init(rows: [PriceRow]) {
        self.rows = rows
    }

    /// Reads a table from JSON: `{"rows":[…]}`, rows as in ``PriceRow``.
    ///
    /// - Throws: ``AIServiceError`` with code `configuration` that names what is wrong with which row.
    public init(json: some Sequence<UInt8>) throws(AIServiceError) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch {
            throw AIServiceError(
                .configuration,
                message: "the price table is not JSON of the form {\"rows\":[…]}: \(Self.place(of: error))"
            )
        }
        for row in file.rows {
            if let day = row.effectiveFrom, CivilDay(day) == nil {
                throw AIServiceError(
                    .configuration,
                    message: "the price table's row \"\(row.id)\": effective_from must be a day such as 2026-10-07"
                )
            }
            if row.models.isEmpty || row.models.contains("") {
                throw AIServiceError(
                    .configuration,
                    message: "the price table's row \"\(row.id)\": models must name at least one model"
                )
            }
        }
        rows = file.rows
    }

    /// The table that comes with the program (`Usage/prices.json`).
    ///
    /// A test reads it strictly; should it not decode all the same, every model's price is unknown.
    public static let builtIn = (try? PriceTable(json: PackageResources.prices_json)) ?? PriceTable(rows: [])

    /// The row that prices a request: of those that cover the model and have come into effect, those with the highest
    /// threshold below the number of input tokens, and of these the latest.
    public func row(provider: String, model: String, inputTokens: Int, at time: UnixTime) -> PriceRow? {
        let today = CivilDay(time)
        var best: (row: PriceRow, threshold: Int, day: CivilDay)?
        for row in rows where row.provider == provider && row.covers(model: model) {
            let day = row.effectiveFrom.flatMap(CivilDay.init(_:)) ?? CivilDay(number: .min)
            let threshold = row.aboveInputTokens ?? -1
            guard day <= today, inputTokens > threshold else { continue }
            if let best, (best.threshold, best.day) > (threshold, day) { continue }
            best = (row, threshold, day)
        }
        return best?.row
    }

    /// Where decoding failed, without the content.
    private static func place(of error: any Error) -> String {
        let context: DecodingError.Context? =
            switch error {
            case DecodingError.keyNotFound(let key, let context):
                DecodingError.Context(
                    codingPath: context.codingPath + [key],
                    debugDescription: "this field is missing"
                )
            case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
                DecodingError.Context(codingPath: context.codingPath, debugDescription: "wrong type")
            default: nil
            }
        guard let context else { return "it cannot be read" }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
        return "\(path): \(context.debugDescription)"
    }
}
