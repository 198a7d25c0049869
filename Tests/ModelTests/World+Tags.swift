#if os(Linux)
    @testable import Recuerde
    import RecuerdeTesting

    /// The truths about tags: after an acknowledged invalidation nothing that carries one of the tags, and whose load or set began before
    /// it, is served as fresh; where it was to remove, not at all.
    extension World {
        // MARK: What happens

        /// The tags of what a call sets or loads, and whether only its load says them.
        func tags(of call: Int) -> (tags: [Int], saidByLoad: Bool) {
            setup.tagSeed.map { TagPlan(seed: $0).tags(of: calls[call].id) } ?? ([], false)
        }

        /// The tags that the options of a call name.
        func tagNames(of call: Int) -> [String] {
            let (tags, saidByLoad) = tags(of: call)
            if saidByLoad, calls[call].call.terms != nil { return [] }
            return tags.map { TagPlan.tags[$0] }
        }

        /// The tags that a load itself says; nil where those of the call hold.
        func tagNamesSaidByLoad(of call: Int) -> [String]? {
            let (tags, saidByLoad) = tags(of: call)
            return saidByLoad ? tags.map { TagPlan.tags[$0] } : nil
        }

        func invalidate(_ cache: Cache, _ index: Int, _ tags: [Int], removes: Bool) async throws {
            tagged.invalidations[calls[index].group].append(index)
            try await cache.invalidate(tags: tags.map { TagPlan.tags[$0] }, by: removes ? .remove : .expire)
        }

        func befall(_ event: TagPlan.Event) {
            switch event {
            case .evict(let tag, let group):
                store.evict(recordName(tag, group))
                tagged.losses[group][tag] = moment
            case .garbage(let tag, let group):
                store.plant(recordName(tag, group), bytes: Array("no record".utf8))
                tagged.losses[group][tag] = moment
            }
        }

        private func recordName(_ tag: Int, _ group: Int) -> String {
            let space = space(of: group)
            let name = TagPlan.tags[tag]
            return space.tagName(TagBook.text(of: space.hasher?.hidden(tag: name) ?? name) ?? "")
        }

        /// What a node has been told of changes of records when a call begins.
        func noteTags(_ index: Int, _ process: Process) {
            guard setup.tagSeed != nil else { return calls[index].hadHeardOfTags = true }
            let names = (0..<TagPlan.count).map { recordName($0, process.group) }
            calls[index].hadHeardOfTags = !names.contains { process.link.hasUntold($0) }
            calls[index].toldOfTags = names.map { process.link.told(of: $0) }
        }

        // MARK: What must hold

        /// A call was answered with a value, stale or not.
        func breachOfTags(_ value: Int, _ written: ValueRecord, of reader: CallRecord, _ sight: Sight) -> Violation? {
            guard !written.tags.isEmpty else { return nil }
            // Who joins a load that alone knows its tags cannot be told from those who came before an invalidation.
            if sight.isShared, written.isLoad, tags(of: written.call).saidByLoad { return nil }
            for index in tagged.invalidations[reader.group] {
                let call = calls[index]
                guard case .invalidate(let tags, let removes) = call.call,
                    !written.tags.allSatisfy({ !tags.contains($0) }),
                    call.succeeded, let end = call.end, end < reader.begin,
                    removes || !sight.isStale, isBefore(written, call, tags),
                    call.process == reader.process || seesTags(reader, call, sight)
                else { continue }
                // Who has invalidated it knows; others go by the record.
                if call.process != reader.process, calls[written.call].process == call.process,
                    mayBeForgottenByAWaitingOne(tags.filter(written.tags.contains), call)
                {
                    continue
                }
                return Violation(
                    truth: 2,
                    what:
                        "call \(reader.id) was given \(value)\(sight.suffix) \(sight.isStale ? "as stale" : "as fresh"), which carries tags "
                        + "\(written.tags) and whose \(written.isLoad ? "load" : "set") began before call \(call.id), which had "
                        + "invalidated \(tags) \(removes ? "to remove" : "to expire") and had ended before call \(reader.id) began"
                )
            }
            return nil
        }

        /// Whether a value was certainly written before a call invalidated one of its tags.
        private func isBefore(_ value: ValueRecord, _ call: CallRecord, _ tags: [Int]) -> Bool {
            let writer = calls[value.call]
            let inOrder = value.isLoad ? value.begin < call.begin : (writer.end ?? .max) < call.begin
            if writer.process == call.process { return inOrder }
            if mayBeForgotten(tags.filter(value.tags.contains), call) { return false }
            if writer.isClean, call.isClean, !hadTrouble(value.key, call) { return inOrder }
            let last = value.isLoad ? value.beginTime : (writer.endTime ?? .distantFuture)
            return last.advanced(by: Self.blur) < call.beginTime
        }

        /// Left open by the design: the store has let go of a record after the call, and a value that had waited in a journal all the
        /// while, or whose load alone knew its tags, had it made anew as of its own beginning.
        private func mayBeForgotten(_ tags: [Int], _ call: CallRecord) -> Bool {
            guard wasFull || tags.contains(where: { tagged.losses[call.group][$0] > call.begin }) else { return false }
            return values.contains { value in
                guard value.group == call.group, value.begin < call.end ?? .max,
                    tags.contains(where: value.tags.contains)
                else { return false }
                return !calls[value.call].isClean || value.isLoad && self.tags(of: value.call).saidByLoad
            }
        }

        /// The same where an earlier invalidation had waited in a journal, and made the record anew as of itself.
        private func mayBeForgottenByAWaitingOne(_ tags: [Int], _ call: CallRecord) -> Bool {
            guard tags.contains(where: { tagged.losses[call.group][$0] > call.begin }) else { return false }
            return tagged.invalidations[call.group].contains { index in
                guard case .invalidate(let others, _) = calls[index].call,
                    tags.contains(where: others.contains)
                else { return false }
                return !calls[index].isClean && calls[index].begin < call.end ?? .max
            }
        }

        /// Whether an answer has to take account of what another node has invalidated.
        private func seesTags(_ reader: CallRecord, _ call: CallRecord, _ sight: Sight) -> Bool {
            guard call.isClean, reader.isClean, !sight.isShared else { return false }
            if setup.isTracked, sight.mayBeOfMemory,
                !reader.hadHeardAll || !reader.hadHeardOfTags
            {
                return call.endTime.map { $0.advanced(by: Self.stalenessBound) <= reader.beginTime } ?? false
            }
            return true
        }

        /// Whether what became of their tags kept a load from being joined: somebody has invalidated one since the first of two calls
        /// began, or the node was told of a change of its record, or found that the store has let go of it.
        func wasDetachedByTags(_ old: ValueRecord, _ new: ValueRecord) -> Bool {
            guard setup.tagSeed != nil else { return false }
            let callers = [calls[old.call], calls[new.call]]
            let begin = min(callers[0].begin, callers[1].begin)
            let link = processes[callers[0].process].link
            // Those of a value that the load may confirm, too.
            let confirmable = values.filter { $0.key == old.key && $0.group == old.group && $0.begin < old.begin }
            return Set(old.tags).union(confirmable.flatMap(\.tags)).contains { tag in
                tagged.losses[old.group][tag] >= 0 || wasFull
                    || callers.contains { $0.toldOfTags[tag] < link.told(of: recordName(tag, old.group)) }
                    || tagged.invalidations[old.group].contains { index in
                        guard case .invalidate(let tags, _) = calls[index].call, tags.contains(tag) else {
                            return false
                        }
                        return (calls[index].end ?? .max) > begin
                    }
            }
        }

        // MARK: What may be lost

        /// Whether a value that was set may have gone because of tags: its own, or those of a value that may have taken its place.
        func mayHaveGoneByTags(_ value: Int, _ set: CallRecord) -> Bool {
            values.indices.contains { other in
                let written = values[other]
                guard written.key == values[value].key, written.group == values[value].group else { return false }
                let writer = calls[written.call]
                guard other == value || (writer.end ?? .max) > set.begin || !writer.isClean else { return false }
                return mayBeVoidByTags(other, writer)
            }
        }

        /// Whether the tags of what a call has set may have made it void: somebody has invalidated one of them and not surely before, or
        /// the store has let go of a record.
        private func mayBeVoidByTags(_ value: Int, _ set: CallRecord) -> Bool {
            let tags = values[value].tags
            guard !tags.isEmpty else { return false }
            if wasFull || tags.contains(where: { tagged.losses[set.group][$0] >= 0 }) { return true }
            return tagged.invalidations[set.group].contains { index in
                let call = calls[index]
                guard case .invalidate(let invalidated, _) = call.call, invalidated.contains(where: tags.contains)
                else { return false }
                if call.isDead || call.begin == .max || (call.end ?? .max) > set.begin { return true }
                if call.isClean, set.isClean { return false }
                // A record that was not there when an invalidation of a journal came to it was made as of then; of the values that waited
                // elsewhere it knows nothing.
                if !call.isClean, !set.isClean, call.process != set.process { return true }
                return (call.endTime ?? .distantFuture).advanced(by: Self.blur) > set.beginTime
            }
        }

        /// Whether nodes may differ in what the tags of a key's values make of them: what a record said that the store has let go of,
        /// those know who had read it.
        func mayDifferInTags(_ key: Int, _ group: Int) -> Bool {
            values.contains { value in
                value.key == key && value.group == group
                    && value.tags.contains { wasFull || tagged.losses[group][$0] >= 0 }
            }
        }
    }
#endif
