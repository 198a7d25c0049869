/// What is done to those who hold leases.
enum LeaseFault: String, CaseIterable, Sendable {
    case killLoader = "kill -9 of a node that loads"
    case stopLoaderBriefly = "SIGSTOP of a node that loads, shorter than its lease"
    case stopLoader = "SIGSTOP of a node that loads, longer than its lease"
    case killHolder = "kill -9 of a node that holds a lock"
    case stopHolder = "SIGSTOP of a node that holds a lock, longer than that"
    case killWaiter = "kill -9 of any node"
    case killClients = "CLIENT KILL of all connections"
    case killSubscriptions = "CLIENT KILL of all subscriptions"
    case partition = "partition of a node"
    case stopRedis = "SIGSTOP of Redis"
    case killRedis = "kill -9 of Redis, restart with data"
}
