import Recuerde
import RecuerdeRedis

/// Where a process of a part stands: which it is, for how long it runs, and where it writes what happens.
struct Post: Sendable {
    let number: UInt16
    /// Which of the nodes that run at a time it is.
    let place: Int
    let start: Int64
    let end: Int64
    let seed: UInt64
    let flaw: Flaw?
    let url: String
    /// Of the process's records.
    let path: String
    let recorder: Recorder

    init(_ arguments: Arguments) {
        number = UInt16(arguments.integer("--number"))
        place = arguments.integer("--place")
        start = Int64(arguments.integer("--start"))
        end = Int64(arguments.integer("--end"))
        seed = UInt64(arguments.integer("--seed"))
        flaw = Flaw(rawValue: arguments.text("--flaw", else: ""))
        url = arguments.text("--url")
        path = arguments.text("--records")
        recorder = Recorder(path: path)
    }

    func pause(until instant: Int64) async {
        let left = instant - nanoseconds()
        if left > 0 { try? await Task.sleep(nanoseconds: UInt64(left)) }
    }

    /// Runs a node with its callers to the end, and writes down what is left.
    func run(_ node: CacheNode, _ callers: [@Sendable () async -> Void]) async {
        // Redis may be away when a node starts.
        try? await node.client.connect()
        await node.cache.connect()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await node.cache.run() }
            group.addTask {
                while !Task.isCancelled {
                    recorder.flush()
                    try? await Task.sleep(nanoseconds: 10_000_000)
                }
            }
            for caller in callers { group.addTask { await caller() } }
            await pause(until: end)
            group.cancelAll()
        }
        recorder.flush()
        await node.client.shutdown()
    }
}
