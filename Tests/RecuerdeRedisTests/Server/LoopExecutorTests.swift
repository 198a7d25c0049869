import NIOCore
import NIOPosix
import RecuerdeTesting
import Testing

@testable import RecuerdeRedis

@Suite struct LoopExecutors {
    @Test func runTasksOnTheLoopAndNowhereElse() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let executor = LoopExecutor(eventLoop: loop)
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 1...500 {
                group.addTask(executorPreference: executor) {
                    #expect(loop.inEventLoop)
                    await Task.yield()
                    #expect(loop.inEventLoop)
                    return number
                }
            }
            return await group.reduce(0, +)
        }
        #expect(sum == 125_250)
    }

    @Test func areThoseOfTheKeysConnection() async throws {
        let configuration = RedisConfiguration(url: try RedisURL("redis://127.0.0.1:1/0"))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let client = RedisClient(configuration: configuration, eventLoopGroup: group, logger: quiet)
        let loops = Array(group.makeIterator())
        for key in ["foo", "bar", "{tag}a", "{tag}b", ""] {
            let slot = Int(try #require(RedisCommand("GET", key).slot))
            let expected = loops[slot % 2]
            let isThere = await Task(executorPreference: client.executor(forKey: key)) { expected.inEventLoop }.value
            #expect(isThere)
        }
        await client.shutdown()
        try await group.shutdownGracefully()
    }

    /// Commands of tasks on the loop wait for the end of a run of jobs; none may be left behind there.
    @Test func letManyTasksOnTheLoopHaveTheirReplies() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<100 {
                        let key = "key\(task)"
                        group.addTask(executorPreference: client.executor(forKey: key)) {
                            for round in 0..<20 {
                                _ = try await client.send(RedisCommand("SET", key, round))
                                #expect(try await client.send(RedisCommand("GET", key)).int == round)
                                // Another key's connection may live on another loop.
                                #expect(try await client.send(RedisCommand("ECHO", task, key: 0)).int == task)
                            }
                            let replies = try await client.pipeline([
                                RedisCommand("GET", key), RedisCommand("ECHO", task),
                            ])
                            #expect(try replies.map { try $0.get().int } == [19, task])
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
