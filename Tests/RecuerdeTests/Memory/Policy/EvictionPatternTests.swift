import Testing

@testable import Recuerde

/// What a policy must stand up to, on patterns made for the purpose. The real traces are replayed by
/// `scripts/bench hitratio`.
struct EvictionPatternTests {
    @Test(arguments: [64, 500])
    func `a scan of a hundred times the bound does not drive out the hot half`(bound: Int) {
        let cache = PolicyReplay(bound: bound)
        var generator = SplitMix64(seed: 20)
        let hot = bound / 2
        for _ in 0..<bound * 20 { cache.request(generator.below(hot)) }
        var hits = 0
        for step in 0..<bound * 100 {
            cache.request(1_000_000 + step)
            if cache.request(generator.below(hot)) { hits += 1 }
        }
        #expect(Double(hits) > 0.98 * Double(bound * 100))
    }

    @Test(arguments: [64, 300], [1.0, 1.02, 1.1, 1.2, 1.5, 2.0])
    func `a loop is answered nearly as often as it can be`(bound: Int, length: Double) {
        let cache = PolicyReplay(bound: bound)
        let keys = Int((Double(bound) * length).rounded())
        let requests = keys * 60
        let ratio = cache.ratio((0..<requests).lazy.map { $0 % keys })
        // The first round is missed by everybody; then as many are answered as there is room for.
        let best = Double(min(bound, keys)) / Double(keys) * Double(requests - keys) / Double(requests)
        #expect(ratio >= 0.85 * best)
    }

    @Test(arguments: [128, 400])
    func `after a change of pattern the ratio is back within twenty times the bound`(bound: Int) {
        // In the smallest, chance decides too: one seed in eight is late there.
        let late = (3...8).filter { !isBackInTime(bound: bound, seed: $0) }
        #expect(late.count <= (bound < 200 ? 1 : 0), "\(late)")
    }

    /// Where the sample is a quarter of the keys, or less, so that chance may put the whole loop into a miniature.
    @Test(arguments: [500, 1_000], [1.011, 1.02])
    func `a loop that is a little longer than the bound is known as one, whatever the sample`(
        bound: Int,
        length: Double
    ) {
        let keys = Int((Double(bound) * length).rounded())
        var late: [UInt64] = []
        for seed in UInt64(1)...16 {
            let cache = PolicyReplay(bound: bound, seed: seed)
            // Each key twice, with three quarters of the bound in between: only the widest window helps.
            let apart = bound * 3 / 8
            let recent = (0..<bound * 40).lazy.map { 1_000_000 + ($0 % 2 == 0 ? $0 / 2 : $0 / 2 - apart) }
            #expect(cache.ratio(recent) > 0.2)
            _ = cache.ratio((0..<bound * 20).lazy.map { $0 % keys })
            let ratio = cache.ratio((0..<bound * 10).lazy.map { $0 % keys })
            if ratio < 0.9 * Double(bound) / Double(keys) { late.append(seed) }
        }
        #expect(late.count <= 1, "\(late)")
    }

    private func isBackInTime(bound: Int, seed: UInt64) -> Bool {
        let cache = PolicyReplay(bound: bound, seed: seed)
        var fresh = 1_000_000
        for phase in 0..<4 {
            var ratios: [Double] = []
            for _ in 0..<8 {
                if phase % 2 == 0 {
                    // Each key twice, half a bound apart: recency alone helps.
                    let start = fresh
                    fresh += bound * 5
                    ratios.append(
                        cache.ratio(
                            (0..<bound * 10).lazy.map { $0 % 2 == 0 ? start + $0 / 2 : start + $0 / 2 - bound / 4 }
                        )
                    )
                } else {
                    ratios.append(cache.ratio((0..<bound * 10).lazy.map { $0 % (bound + bound / 8) }))
                }
            }
            let steady = (ratios[6] + ratios[7]) / 2
            guard steady > 0.3, ratios[2] >= 0.9 * steady else { return false }
        }
        return true
    }

    @Test func `with equal costs the goal of spend answers as many as that of requests`() {
        for pattern in 0..<3 {
            var ratios: [Double] = []
            for goal in [EvictionGoal.requests, .spend] {
                let cache = PolicyReplay(bound: 200, goal: goal)
                var generator = SplitMix64(seed: 24)
                let skewed = Skewed(keys: 4_000)
                let keys = (0..<30_000).map { step in
                    switch pattern {
                    case 0: step % 260
                    case 1: skewed.key(&generator)
                    default: step % 2 == 0 ? skewed.key(&generator) : 10_000 + step
                    }
                }
                ratios.append(cache.ratio(keys))
            }
            #expect(ratios[1] > ratios[0] - 0.02)
        }
    }

    @Test func `the goal of spend keeps what is dear, and what is small for its cost`() {
        var saved: [Double] = []
        for goal in [EvictionGoal.requests, .spend] {
            let cache = PolicyReplay(bound: 20_000, goal: goal)
            var generator = SplitMix64(seed: 25)
            let skewed = Skewed(keys: 2_000)
            var sum = 0.0
            var all = 0.0
            for _ in 0..<30_000 {
                let key = skewed.key(&generator)
                let cost = key % 10 == 0 ? 1_000.0 : 10
                all += cost
                if cache.request(key, weight: 50 + key % 7 * 50, cost: UInt64(cost)) { sum += cost }
            }
            saved.append(sum / all)
            #expect(cache.peak <= 20_000)
        }
        #expect(saved[1] > saved[0] + 0.05)
    }

    @Test func `keys that an attacker repeats cannot freeze admission`() {
        var ratios: [Double] = []
        for attack in [false, true] {
            let bound = 300
            let cache = PolicyReplay(bound: bound)
            var generator = SplitMix64(seed: 27)
            let skewed = Skewed(keys: 6_000)
            if attack {
                // Fills the cache, and every counter of these keys.
                for step in 0..<20 * bound { cache.request(1_000_000 + step % bound) }
            }
            var hits = 0
            for step in 0..<bound * 150 {
                if attack, step % 10 == 0 { cache.request(1_000_000 + step / 200 % bound) }
                if cache.request(skewed.key(&generator)) { hits += 1 }
            }
            ratios.append(Double(hits) / Double(bound * 150))
        }
        #expect(ratios[1] > ratios[0] - 0.05)
    }

    @Test func `a cache larger than its sample decides as well as a small one`() {
        // 2 000 entries, of which one in eight or so is of the sample: recency helps and frequency misleads.
        let cache = PolicyReplay(bound: 2_000)
        let keys = (0..<80_000).lazy.map { $0 % 2 == 0 ? $0 / 2 : $0 / 2 - 500 }
        let ratio = cache.ratio(keys)
        #expect(ratio > 0.4)
    }
}
