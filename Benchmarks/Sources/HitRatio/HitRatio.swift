import Recuerde

/// Replays traces of requests through the memory tier, read-through: what is missed is put in.
///
///     HitRatio --trace FILE --size N [--size N ...] [--goal spend] [--threads 2] [--shards S] [--window W] [--json]
///     HitRatio --traces FOLDER [--goal spend] [--threads 2] [--json]
///
/// A line of a trace is a key, or key, bytes and cost in millionths of a dollar; then sizes are bytes. A file whose name
/// ends with `.xz` is read through the program of that name. With a window, the ratios of each W requests are told too: how soon what was
/// lost by a change of pattern is back.
@main
enum HitRatio {
    static func main() async throws {
        var trace: String?
        var folder: String?
        var sizes: [Int] = []
        var replay = Replay()
        var json = false
        var arguments = CommandLine.arguments.dropFirst()
        func number(_ option: String) throws -> Int {
            guard let text = arguments.popFirst(), let number = Int(text), number > 0 else {
                throw Failure("\(option) needs a number above zero")
            }
            return number
        }
        while let argument = arguments.popFirst() {
            switch argument {
            case "--trace": trace = arguments.popFirst()
            case "--traces": folder = arguments.popFirst()
            case "--size": sizes.append(try number(argument))
            case "--threads": replay.threads = try number(argument)
            case "--window": replay.window = try number(argument)
            case "--shards": replay.shards = try number(argument)
            case "--json": json = true
            case "--goal":
                switch arguments.popFirst() {
                case "spend": replay.goal = .spend
                case "requests": replay.goal = .requests
                default: throw Failure("--goal is requests or spend")
                }
            default: throw Failure("unknown argument \(argument)")
            }
        }
        if let trace {
            guard !sizes.isEmpty else { throw Failure("--trace needs at least one --size") }
            let trace = try Trace(path: trace)
            for size in sizes {
                let result = await replay.run(trace, size: size)
                print(json ? result.json : result.text)
                if let window = replay.window { print(result.windows(of: window)) }
            }
        } else if let folder {
            try await Table(replay: replay, json: json).run(folder: folder)
        } else {
            throw Failure("say --trace FILE --size N, or --traces FOLDER")
        }
    }
}

/// What went wrong, in words.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
