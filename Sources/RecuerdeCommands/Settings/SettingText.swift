/// Reads the text of settings strictly.
enum SettingText {
    /// Decimal digits with an optional minus, within a range.
    static func integer(
        _ text: String,
        in range: ClosedRange<Int>,
        unit: String? = nil
    ) throws(SettingFault) -> Int {
        let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        let isDecimal = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isDecimal, let value = Int(text), range.contains(value) else {
            let what = unit.map { "a whole number of \($0)" } ?? "a whole number"
            throw SettingFault("must be \(what) from \(range.lowerBound) to \(range.upperBound)\(hint(text))")
        }
        return value
    }

    /// A decimal number with an optional fraction, within a range.
    static func number(_ text: String, in range: ClosedRange<Double>) throws(SettingFault) -> Double {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isDecimal =
            (1...2).contains(parts.count)
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isDecimal, let value = Double(text), range.contains(value) else {
            throw SettingFault("must be a decimal number from \(range.lowerBound) to \(range.upperBound), such as 0.7")
        }
        return value
    }

    /// Text that cannot break out of the line, header or key that it ends up in.
    static func plain(_ text: String, atMost limit: Int) throws(SettingFault) -> String {
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }) else {
            throw SettingFault("must not contain control characters")
        }
        guard text.utf8.count <= limit else { throw SettingFault("must have at most \(limit) bytes") }
        return text
    }

    /// A URL as people may see it: whatever stands before an `@`, in a query or in a fragment is masked.
    @Sendable static func withoutSecrets(_ text: String) -> String {
        let text = withoutCredentials(text)
        guard let mark = text.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return text }
        return text[...mark] + "****"
    }

    private static func withoutCredentials(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        guard let scheme = text.firstRange(of: "://"), scheme.upperBound <= at else { return "****" }
        return text[..<scheme.upperBound] + "****" + text[at...]
    }

    /// Kubernetes sets `RECUERDE_PORT=tcp://…` in pods beside a service named "recuerde".
    private static func hint(_ text: String) -> String {
        text.hasPrefix("tcp://")
            ? "; the value looks like a Kubernetes service link: set enableServiceLinks to false in the pod" : ""
    }
}
