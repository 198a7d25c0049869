import Foundation

/// Replays every trace of a folder, and compares with what a clairvoyant would reach.
struct Table {
    let replay: Replay
    let json: Bool

    /// The sizes of the acceptance table; other traces are replayed at a hundredth, a twentieth, a tenth and a quarter
    /// of their distinct keys.
    private static let sizes: [String: [Int]] = [
        "loop": [256, 512, 768, 1_000], "multi1": [250, 500, 1_000, 2_000], "multi2": [500, 1_000, 2_000, 3_000],
        "multi3": [500, 1_000, 2_000, 4_000], "sprite": [100, 250, 500, 1_000], "2_pools": [100, 450, 1_000, 2_500],
        "web07": [75, 300, 1_200, 3_000], "web12": [75, 300, 1_200, 3_000], "corda": [64, 512, 1_024, 4_096],
        "chain": [128, 512, 900], "orm-busy": [625, 1_250, 2_500, 5_000], "orm-night": [625, 1_250, 2_500, 5_000],
        "scarab-recs": [25_000, 50_000, 75_000, 100_000], "w106": [5_000, 20_000, 50_000, 100_000],
        "web12-llm": [300_000, 700_000, 2_800_000],
    ]

    func run(folder: String) async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { name in [".keys", ".keys.xz", ".kwc", ".kwc.xz"].contains { name.hasSuffix($0) } }
        guard !names.isEmpty else { throw Failure("\(folder) holds no trace (*.keys, *.kwc, or either with .xz)") }
        if !json {
            print(
                "| trace | requests | distinct | size | OPT | ours | of OPT | cost saved |\n|---|---|---|---|---|---|---|---|"
            )
        }
        var means: [Double] = []
        var worst = (fraction: 2.0, point: "")
        for name in names {
            let trace = try Trace(path: folder + "/" + name)
            var fractions: [Double] = []
            for size in Self.sizes[trace.name] ?? [100, 20, 10, 4].map({ max(1, trace.distinct / $0) }) {
                let result = await replay.run(trace, size: size)
                // With weights the optimum is not so easily told.
                let best = trace.isWeighted ? nil : Optimum.hits(trace, size: size)
                if let best, best > 0 {
                    fractions.append(min(1, Double(result.hits) / Double(best)))
                    if let last = fractions.last, last < worst.fraction { worst = (last, "\(trace.name)@\(size)") }
                }
                print(json ? result.json : row(result, trace: trace, best: best))
            }
            if !fractions.isEmpty { means.append(fractions.reduce(0, +) / Double(fractions.count)) }
        }
        guard !json, !means.isEmpty else { return }
        let mean = means.reduce(0, +) / Double(means.count)
        print(
            "\nFraction of OPT, mean over a trace's sizes, then over \(means.count) traces: \(thousandths(mean));",
            terminator: " "
        )
        print("worst point: \(thousandths(worst.fraction)) \(worst.point)")
    }

    private func row(_ result: Replay.Result, trace: Trace, best: Int?) -> String {
        let optimum = best.map { percent(Double($0) / Double(result.requests)) } ?? "–"
        let fraction = best.map { $0 == 0 ? "–" : thousandths(Double(result.hits) / Double($0)) } ?? "–"
        return """
            | \(trace.name) | \(result.requests) | \(trace.distinct) | \(result.size) | \(optimum) | \(percent(result.ratio)) \
            | \(fraction) | \(trace.isWeighted ? percent(result.savedRatio) : "–") |
            """
    }

    private func percent(_ ratio: Double) -> String { String(format: "%.1f", 100 * ratio) }
    private func thousandths(_ ratio: Double) -> String { String(format: "%.4f", ratio) }
}
