import Testing

@testable import RecuerdeServer

@Suite struct ClientTableTests {
    @Test func neverHoldsMoreThanItsCapacity() {
        var table = ClientTable<Int>(capacity: 10)
        for number in 0..<1_000 {
            table.update("client \(number)", initial: 0) { $0 += 1 }
            #expect(table.count <= 10)
        }
    }

    @Test func remembersAClientThatKeepsComing() {
        var table = ClientTable<Int>(capacity: 10)
        for number in 0..<1_000 {
            table.update("regular", initial: 0) { $0 += 1 }
            table.update("passer-by \(number)", initial: 0) { $0 += 1 }
        }
        #expect(table.update("regular", initial: 0) { $0 } == 1_000)
    }

    @Test func forgetsWhoWasQuietTheLongest() {
        var table = ClientTable<Int>(capacity: 4)
        table.update("quiet", initial: 7) { _ in }
        for number in 0..<4 { table.update("other \(number)", initial: 0) { _ in } }
        #expect(table.update("quiet", initial: 0) { $0 } == 0)
    }
}
