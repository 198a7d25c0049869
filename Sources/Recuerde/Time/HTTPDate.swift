/// Reads the three forms of a date in HTTP (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; nil for
    /// anything else. A year of two digits is read as one of 1970 to 2069.
    package static func parse(_ text: String) -> UnixTime? {
        guard text.utf8.count <= 64, !text.contains(" -") else { return nil }
        var words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map { $0.lowercased() }
        guard words.count >= 5 else { return nil }
        words.removeFirst()
        let isCTime = Int(words[0]) == nil
        guard words.count == (isCTime ? 4 : 5), isCTime || words[4] == "gmt" || words[4] == "utc" else { return nil }
        let dayText = isCTime ? words[1] : words[0]
        let monthText = isCTime ? words[0] : words[1]
        let yearText = isCTime ? words[3] : words[2]
        let clock = (isCTime ? words[2] : words[3]).split(separator: ":", omittingEmptySubsequences: false)
        guard let day = number(dayText), let month = months.firstIndex(of: monthText), var year = number(yearText),
            clock.count == 3, let hour = number(clock[0]), let minute = number(clock[1]),
            let second = number(clock[2]), hour < 24, minute < 60, second <= 60
        else { return nil }
        if yearText.count == 2 { year += year < 70 ? 2_000 : 1_900 }
        guard let date = CivilDay(year: year, month: Int64(month) + 1, day: day) else { return nil }
        return UnixTime(microseconds: (date.number * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000)
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }
}
