/// Which rule makes a key a hit or a miss.
extension Cache {
    /// What a read of a key would find, in one sentence that begins with `hit` or `miss`.
    ///
    /// - Parameters:
    ///   - explanation: What the tiers hold.
    ///   - isExpired: Whether somebody has expired what Redis holds.
    ///   - ruling: What waits for Redis.
    func verdict(
        on explanation: KeyExplanation,
        isExpired: Bool,
        _ ruling: RecoveryJournal.Ruling?
    ) -> String {
        if asksMemoryFirst, explanation.memory?.state == "fresh" {
            switch explanation.memory?.standing {
            case "lost" where explanation.memory?.isProvisional == true:
                return "hit: memory is asked first and holds what is on its way to Redis"
            case "lost" where gate?.admitsCallers == true: break
            case "unverified":
                return "hit: memory holds it fresh, and checks it, since nobody tells of changes at present"
            default: return "hit: memory is asked first and holds it fresh"
            }
        }
        if explanation.redisAnswered, !explanation.hasPendingWrite {
            switch explanation.redis?.state {
            case "fresh": return "hit: Redis holds it fresh"
            case "stale" where isExpired: return "miss: it was expired; what Redis holds stands in if the load fails"
            case "stale": return "miss: Redis holds it past its logical expiry; it stands in if the load fails"
            case "invalidated": return "miss: a tag of it was invalidated, or nobody knows whether it was"
            case "dead": return "miss: what Redis holds is past its physical expiry"
            case "unreadable" where explanation.redis?.refusal == "unknown_key":
                return "miss: what Redis holds is encrypted with a key that this process does not know"
            case "unreadable" where explanation.redis?.refusal == "forged":
                return
                    "miss: what Redis holds was altered, moved here from another key, or encrypted with another key of that identifier"
            case "unreadable": return "miss: what Redis holds does not decode"
            case "unencrypted": return "miss: what Redis holds is not encrypted, as this cache requires"
            default: return "miss: Redis does not hold it"
            }
        }
        if explanation.hasPendingWrite, explanation.redis?.state == "fresh" { return "hit: Redis holds a later write" }
        switch explanation.memory?.state {
        case "fresh":
            return explanation.hasPendingWrite
                ? "hit: memory holds what still waits to be written to Redis"
                : "hit: Redis does not answer and memory holds it fresh"
        case "stale" where ruling == .expiry:
            return "miss: it was expired, and that waits for Redis; what memory holds stands in if the load fails"
        case "stale": return "miss: memory holds it past its logical expiry; it stands in if the load fails"
        case "overruled", nil:
            switch ruling {
            case .expiry: return "miss: it was expired, and that waits for Redis"
            case .removal: return "miss: it was removed, and the removal waits for Redis"
            case .write where explanation.memory != nil:
                return "miss: it was written anew, and the write waits for Redis"
            case .write, nil: return "miss: memory does not hold it and Redis was not to be asked"
            }
        case "invalidated": return "miss: a tag of it was invalidated"
        default: return "miss: memory does not hold it and Redis was not to be asked"
        }
    }
}
