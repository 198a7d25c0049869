/// A day of UTC, as the number of days since 1970-01-01.
package struct CivilDay: Comparable, Hashable, Sendable {
    package var number: Int64

    package init(number: Int64) {
        self.number = number
    }

    /// The day that a point in time lies in.
    package init(_ time: UnixTime) {
        let day: Int64 = 86_400_000_000
        let quotient = time.microseconds / day
        number = time.microseconds % day < 0 ? quotient - 1 : quotient
    }

    /// Reads `YYYY-MM-DD`.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day of a date in the Gregorian calendar; nil where there is no such date.
    ///
    /// Counts from a year that begins in March, so that the leap day comes last (Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms", days_from_civil).
    package init?(year: Int64, month: Int64, day: Int64) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let longest: Int64 = month == 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
        guard day <= longest else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.number < rhs.number
    }
}
