/// Running tasks where their connection lives.
extension RedisClient {
    /// The event loop of the connection that a key uses, as an executor for tasks.
    ///
    /// A task that prefers it sends and is resumed without a change of thread, which takes a third or more off the time
    /// of a single command:
    ///
    /// ```swift
    /// try await withTaskExecutorPreference(client.executor(forKey: key)) {
    ///     let reply = try await client.send(RedisCommand("GET", key))
    /// }
    /// ```
    ///
    /// All connections of that loop wait while such a task computes, so that it suits tasks that do little between their
    /// commands, and none that block. Commands of other keys may be sent from there too; those just change threads.
    /// The event loop group must outlive the tasks.
    ///
    /// - Parameter key: the key as it is given to the command.
    public func executor(forKey key: some RedisArgument) -> any TaskExecutor {
        executor(forSlot: RedisKeySlot.slot(of: key))
    }
}
