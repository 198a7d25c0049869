/// The scripts that expire entries where they stand: they are misses from then on, and may stand in for loads that fail.
///
/// An entry keeps its stamp and its time to live, for it is the same value; only the flag 128 of its envelope is set, without its bytes being read or
/// sent to replicas as a whole. One whose logical expiry is its physical one must not stand in, and goes.
extension TierScripts {
    /// Sets the flag of `name`, whose first bytes are `head`; answers whether it stood there already. Where there is no right or no room
    /// to do so, and where the entry may not stand in, that goes.
    private static let mark = #"""
        local function mark(name, head)
          if type(head) == 'string' and #head == 28 and string.sub(head, 1, 4) == '\202RE\2' then
            local times = redis.call('GETRANGE', name, 36, 51)
            if #times == 16 and string.sub(times, 1, 8) ~= string.sub(times, 9) then
              local flags = string.byte(head, 5)
              if flags > 127 then return true end
              local done = redis.pcall('SETRANGE', name, 4, string.char(flags + 128))
              if type(done) ~= 'table' then return end
            end
          end
          redis.call('UNLINK', name)
        end

        """#

    /// ARGV[4] is the tombstone's time to live in milliseconds.
    ///
    /// Leaves a tombstone as a removal does: what is older must not come after it, neither here nor when the entry has died. The look at the entry at the end is for
    /// client tracking, as of a store. An entry that has been expired before is left as it is, which the answer says (2), since no notice
    /// of it comes.
    static func expire(_ announces: Bool) -> RedisScript {
        RedisScript(
            (announces ? announce : "") + decide() + mark + #"""
                if existed == 1 and mark(KEYS[1], head) then existed = 2 end
                local done = redis.pcall('SET', KEYS[2], stamp, 'PX', ARGV[4])
                if type(done) == 'table' and done.err and token ~= '' then redis.call('DEL', KEYS[2]) end
                redis.call('EXISTS', KEYS[1])
                return {1, existed, stamp, \#(told(announces))}
                """#
        )
    }

    /// KEYS are entries, each with its companion behind it. Expires the entries that are not stamped later than ARGV[1], removes those whose stamp is corrupt,
    /// and takes the tokens away that were planted no later; answers how many entries there were that had not been expired before. One
    /// alone is looked at once more at the end, since its copy stays with whoever expires it so, and has to hear of the next change.
    static func expireAll(_ announces: Bool) -> RedisScript {
        let note = announces ? #" names[#names + 1] = KEYS[i]"# : ""
        let told = announces ? #"#names == 0 and 1 or announce('\n' .. table.concat(names, '\n'))"# : "1"
        return RedisScript(
            (announces ? announce : "") + clock + companion + release + mark + #"""
                local expired = 0
                local names = {}
                for i = 1, #KEYS, 2 do
                  local head = redis.pcall('GETRANGE', KEYS[i], 0, 27)
                  local stamp = type(head) == 'string' and sane(string.sub(head, 9)) or zero
                  local flags = type(head) == 'string' and string.byte(head, 5) or 0
                  if head ~= '' and (stamp == zero or stamp <= ARGV[1] and flags < 128) then
                    mark(KEYS[i], stamp ~= zero and head)
                    expired = expired + 1\#(note)
                  end
                  release(KEYS[i + 1])
                end
                if #KEYS == 2 then redis.call('EXISTS', KEYS[1]) end
                return {expired, \#(told)}
                """#
        )
    }
}
