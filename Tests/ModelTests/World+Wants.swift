#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// Values that loads confirm, and several values at once.
    extension World {
        // MARK: Confirmations

        /// What a load brings: a value of its own, or that the one which it may replace was not modified.
        func loaded(
            _ number: Int,
            _ key: Int,
            _ context: LoadContext<Int>?,
            for index: Int,
            _ terms: Terms
        ) throws -> Loaded<Int> {
            guard let previous = confirmable(key, context, for: index) else {
                return Loaded(number, cost: terms.cost, tags: tagNamesSaidByLoad(of: index))
            }
            note("load \(number) confirms \(previous)")
            confirmations[previous, default: []].append(number)
            switch bug {
            case .handsWhatWasRemoved: return Loaded(previous, cost: terms.cost, tags: tagNamesSaidByLoad(of: index))
            case .confirmsWithoutTags: return Loaded(previous, cost: terms.cost, tags: [])
            default: return try context?.notModified() ?? Loaded(previous)
            }
        }

        private func confirmable(_ key: Int, _ context: LoadContext<Int>?, for index: Int) -> Int? {
            guard setup.wants?.confirms(calls[index].id) == true else { return nil }
            guard bug == .handsWhatWasRemoved else { return context?.previous?.value }
            return processes[calls[index].process].lastSeen[key]
        }

        /// A load was told of a value that it may replace.
        func noteHanded(_ key: Int, _ context: LoadContext<Int>?, to index: Int) {
            guard calls[index].end == nil, setup.wants != nil else { return }
            let value = bug == .handsWhatWasRemoved ? confirmable(key, context, for: index) : context?.previous?.value
            if let value { calls[index].handed.append((key, value)) }
        }

        /// The value as it was written first, and as each load has made it anew that found it unchanged.
        func versions(of value: Int) -> [ValueRecord] {
            var versions = [values[value]]
            for number in confirmations[value] ?? [] where values[number].isMade {
                var version = values[number]
                version.tags = values[value].tags
                versions.append(version)
            }
            return versions
        }

        /// What a load was handed may stand in.
        func judgeHanded(to index: Int) {
            for (key, value) in calls[index].handed {
                guard values.indices.contains(value), values[value].key == key else {
                    return violate(
                        10,
                        "the load of call \(calls[index].id) was handed \(value), which nobody wrote under k\(key)"
                    )
                }
                if mayBeHandedUnchecked(key, to: calls[index]) { continue }
                judgeVersions(versions(of: value).filter { $0.call != index }, of: value, key, calls[index], .handed)
            }
        }

        /// Left open (design, section 6, g): while an expiry of its own is under way or waits, a node does not believe what the store says of the
        /// key, and a load may be told of a copy that is in memory and that another node has removed.
        private func mayBeHandedUnchecked(_ key: Int, to reader: CallRecord) -> Bool {
            supersessions[reader.group][key].contains { later in
                let call = calls[later.call]
                return later.keepsStale && call.process == reader.process
                    && (!call.isClean || (call.end ?? .max) > reader.begin)
            }
        }

        // MARK: Several values

        func loadAll(_ cache: Cache, _ index: Int, _ life: Life, _ load: Load, _ terms: Terms) async throws -> [(
            key: Int, value: Int, source: Provenance?
        )] {
            var options = options(life, index)
            terms.apply(to: &options, bug)
            let numbers = Dictionary(uniqueKeysWithValues: Self.keys.enumerated().map { ($1, $0) })
            if bug == .loadsAllAlone {
                let found = try await cache.get(Self.keys, as: Int.self)
                let missing = (0..<History.keys).filter { found[Self.keys[$0]] == nil }
                if !missing.isEmpty { _ = try await self.load(index, missing, life, load, terms) }
                return []
            }
            let results = try await cache.results(for: Self.keys, options: options) {
                (context: BulkLoadContext<Int>) -> [CacheKey: Result<Loaded<Int>, any Error>] in
                let keys = context.keys.compactMap { numbers[$0] }
                for key in keys { self.noteHanded(key, context[Self.keys[key]], to: index) }
                let values = try await self.load(index, keys, life, load, terms)
                var outcomes: [CacheKey: Result<Loaded<Int>, any Error>] = [:]
                for (key, value) in zip(keys, values) {
                    let name = Self.keys[key]
                    outcomes[name] = Result { try self.loaded(value, key, context[name], for: index, terms) }
                }
                return outcomes
            }
            var answers: [(key: Int, value: Int, source: Provenance?)] = []
            for key in 0..<History.keys {
                switch results.outcomes[Self.keys[key]] {
                case .success(let result?): answers.append((key, result.value, result.provenance))
                case .success(nil):
                    violate(10, "call \(calls[index].id) was told that k\(key) has no value, and no load says so")
                case .failure(let error): calls[index].failures.append((key, error))
                case nil: violate(10, "call \(calls[index].id) was told nothing of k\(key)")
                }
            }
            return answers
        }
    }
#endif
