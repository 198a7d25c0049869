import Recuerde
import Testing

@testable import RecuerdeAI

@Suite struct DailyBudgetTests {
    private let noon = UnixTime(microseconds: 20_000 * 86_400_000_000 + 43_200_000_000)

    @Test func whatIsReservedCannotBeSpentTwice() throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon)
        let firstReserved = budget.reserve(60, at: noon)
        let first = try #require(firstReserved)
        #expect(budget.reserve(60, at: noon) == nil)
        budget.settle(first, actual: 10)
        #expect(budget.status(at: noon).spentMicrodollars == 10)
        #expect(budget.status(at: noon).reservedMicrodollars == 0)
        #expect(budget.reserve(90, at: noon) != nil)
    }

    @Test func aSpentBudgetRefusesEvenWhatCostsNothing() throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon)
        let reserved = budget.reserve(100, at: noon)
        let reservation = try #require(reserved)
        budget.settle(reservation, actual: 130)
        #expect(budget.status(at: noon).isSpent)
        #expect(budget.reserve(0, at: noon) == nil)
        #expect(budget.reserve(.max, at: noon) == nil)
    }

    @Test func theDayOfUTCRenewsIt() throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon)
        let lateReserved = budget.reserve(100, at: noon)
        let late = try #require(lateReserved)
        let beforeMidnight = noon.advanced(by: .seconds(43_199))
        #expect(budget.reserve(1, at: beforeMidnight) == nil)
        let midnight = noon.advanced(by: .seconds(43_200))
        #expect(budget.reserve(100, at: midnight) != nil)
        // Yesterday's call came to more than thought; today's money is not touched.
        budget.settle(late, actual: 1_000)
        #expect(budget.status(at: midnight).spentMicrodollars == 0)
        #expect(budget.status(at: midnight).reservedMicrodollars == 100)
    }

    @Test(arguments: [43_201, 86_400, 10 * 86_400]) func aClockSetBackGivesNoSecondBudget(_ seconds: Int) throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon)
        let reserved = budget.reserve(100, at: noon)
        let reservation = try #require(reserved)
        budget.settle(reservation, actual: 100)
        #expect(budget.reserve(1, at: noon.advanced(by: .seconds(-seconds))) == nil)
    }

    @Test func aClockThatWasFarAheadRenewsItOnTheNextRealDay() throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon.advanced(by: .seconds(86_400 * 3_650)))
        let reserved = budget.reserve(100, at: noon.advanced(by: .seconds(86_400 * 3_650)))
        let reservation = try #require(reserved)
        budget.settle(reservation, actual: 100)
        #expect(budget.reserve(1, at: noon) == nil)
        #expect(budget.reserve(1, at: noon.advanced(by: .seconds(86_400))) != nil)
    }

    @Test func aClockSetBackDuringACallLeavesNothingPutAside() throws {
        var budget = DailyBudget(limitMicrodollars: 100, at: noon)
        let reserved = budget.reserve(60, at: noon)
        let reservation = try #require(reserved)
        let before = noon.advanced(by: .seconds(-10 * 86_400))
        #expect(budget.status(at: before).reservedMicrodollars == 60)
        budget.settle(reservation, actual: 10)
        #expect(budget.status(at: before).reservedMicrodollars == 0)
        #expect(budget.status(at: before).spentMicrodollars == 10)
    }

    @Test(arguments: [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-23", 20_780), ("1969-12-31", -1)])
    func daysAreCounted(_ text: String, _ number: Int64) {
        #expect(CivilDay(text)?.number == number)
        #expect(CivilDay(UnixTime(microseconds: number * 86_400_000_000 + 1)).number == number)
    }
}
