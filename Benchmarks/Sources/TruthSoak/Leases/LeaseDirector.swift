import Foundation
import RecuerdeTesting

/// Kills, stops and cuts off those who hold leases, as its seed says.
final class LeaseDirector {
    let stage: Stage
    private var random: SplitMix
    private var deck: [LeaseFault] = []
    private(set) var counts: [LeaseFault: Int] = [:]

    init(seed: UInt64, rounds: Int, flaw: Flaw?) throws {
        stage = try Stage(
            .leases,
            nodes: LeasePlan.nodes,
            proxied: LeasePlan.proxied,
            length: LeasePlan.length * Int64(rounds),
            seed: seed,
            flaw: flaw
        )
        random = SplitMix(state: seed)
    }

    func run() throws {
        defer { stage.stop() }
        try stage.startNodes()
        Stage.pause(until: stage.start + milliseconds(2_000))
        while nanoseconds() < stage.end - LeasePlan.quiet {
            if deck.isEmpty { deck = LeaseFault.allCases.shuffled(using: &random) }
            try apply(deck.removeFirst())
            hold(300, 1_200)
        }
        stage.noteDeaths()
        stage.finish()
    }

    private func hold(_ least: Int, _ most: Int) {
        Stage.pause(until: nanoseconds() + Int64.random(in: milliseconds(least)..<milliseconds(most), using: &random))
    }

    private func apply(_ fault: LeaseFault) throws {
        let any = Int.random(in: 0..<LeasePlan.nodes, using: &random)
        switch fault {
        case .killLoader: if let place = atWork("load") { try kill(place, fault) }
        case .killHolder: if let place = atWork("lock") { try kill(place, fault) }
        case .killWaiter: try kill(any, fault)
        case .stopLoaderBriefly: if let place = atWork("load") { stop(place, 150, 300, fault) }
        case .stopLoader: if let place = atWork("load") { stop(place, 1_300, 3_500, fault) }
        case .stopHolder: if let place = atWork("lock") { stop(place, 1_300, 3_500, fault) }
        case .killClients:
            counts[fault, default: 0] += 1
            try stage.disturbing(.gap) { _ = try stage.server.command("CLIENT", "KILL", "TYPE", "normal") }
        case .killSubscriptions:
            counts[fault, default: 0] += 1
            try stage.disturbing(.gap) { _ = try stage.server.command("CLIENT", "KILL", "TYPE", "pubsub") }
        case .partition:
            let far = LeasePlan.nodes - 1
            guard let proxy = stage.proxy(of: far) else { return }
            counts[fault, default: 0] += 1
            stage.disturbing(.detached, far) {
                proxy.both(.stop)
                hold(200, 3_000)
                proxy.both(.forward)
            }
        case .stopRedis:
            counts[fault, default: 0] += 1
            stage.disturbing(.detached) {
                stage.server.pause()
                hold(100, 1_500)
                stage.server.resume()
            }
        case .killRedis:
            counts[fault, default: 0] += 1
            try stage.disturbing(.detached) {
                stage.server.kill()
                hold(100, 1_500)
                try stage.server.restart()
            }
        }
    }

    /// The place of one that works at this moment.
    private func atWork(_ word: String) -> Int? {
        for _ in 0..<200 {
            let running = LeaseProcess.atWork(word, in: stage.server.directory)
                .filter { stage.lives[Int($0) - 1].end == .max }
            if let number = running.randomElement(using: &random) { return stage.place(of: number) }
            usleep(5_000)
        }
        return nil
    }

    private func kill(_ place: Int, _ fault: LeaseFault) throws {
        counts[fault, default: 0] += 1
        stage.killNode(place)
        hold(100, 1_800)
        try stage.startNode(place)
    }

    private func stop(_ place: Int, _ least: Int, _ most: Int, _ fault: LeaseFault) {
        counts[fault, default: 0] += 1
        stage.disturbing(.stopped, place) {
            stage.signal(place, SIGSTOP)
            hold(least, most)
            stage.signal(place, SIGCONT)
        }
    }
}
