import Foundation
import RecuerdeTesting

/// What is done besides, while the source hangs and fails.
enum SourceFault: String, CaseIterable, Sendable {
    case hang = "the source hangs"
    case failure = "the source fails"
    case stopRedis = "SIGSTOP of Redis meanwhile"
    case killRedis = "kill -9 of Redis meanwhile, restart with data"
    case killNode = "kill -9 of a node meanwhile, and a new one"
}

/// Lets a source hang and fail under many callers, and takes from them Redis or a node besides.
final class SourceDirector {
    let stage: Stage
    private var random: SplitMix
    private(set) var counts: [SourceFault: Int] = [:]

    init(seed: UInt64, cycles: Int, flaw: Flaw?) throws {
        stage = try Stage(
            .source,
            nodes: SourcePlan.nodes,
            proxied: 0,
            length: SourcePlan.cycle * Int64(cycles),
            seed: seed,
            flaw: flaw
        )
        random = SplitMix(state: seed)
    }

    func run() throws {
        defer { stage.stop() }
        try stage.startNodes()
        var cycle = stage.start
        while cycle < stage.end {
            counts[.hang, default: 0] += 1
            // While it hangs, and while it fails: first Redis goes, then a node. Not both: a node that starts without Redis has nothing.
            try disturb(from: cycle + SourcePlan.hangs + milliseconds(300))
            Stage.pause(until: cycle + SourcePlan.fails)
            counts[.failure, default: 0] += 1
            try disturb(from: cycle + SourcePlan.fails + milliseconds(200))
            cycle += SourcePlan.cycle
            Stage.pause(until: min(cycle, stage.end) - milliseconds(200))
            stage.noteDeaths()
        }
        stage.finish()
    }

    private func disturb(from start: Int64) throws {
        Stage.pause(until: start)
        let fault = random.one(in: 2) ? SourceFault.stopRedis : .killRedis
        counts[fault, default: 0] += 1
        try stage.disturbing(.detached) {
            if fault == .killRedis { stage.server.kill() } else { stage.server.pause() }
            hold(200, 1_200)
            if fault == .killRedis { try stage.server.restart() } else { stage.server.resume() }
        }
        hold(900, 1_200)
        counts[.killNode, default: 0] += 1
        let place = Int.random(in: 0..<SourcePlan.nodes, using: &random)
        stage.killNode(place)
        try stage.startNode(place)
    }

    private func hold(_ least: Int, _ most: Int) {
        Stage.pause(until: nanoseconds() + Int64.random(in: milliseconds(least)..<milliseconds(most), using: &random))
    }
}
