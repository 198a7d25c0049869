/// The scripts that write entries: each one atomic step for one key and its companion.
///
/// Stamps are compared as text, since they are decimals of one width and numbers in Lua are doubles. A stamp more than a
/// minute ahead of this server's clock is corrupt and counts as none. The layout of an entry is that of `Envelope`: the
/// stamp is bytes 8 to 27. A companion is the stamp of the entry's removal (zeros for none) and, behind a colon, the token
/// of who loads it: the time when it was planted, and a number that its planter drew.
///
/// KEYS[1] is the entry, KEYS[2] its companion. The answer of a write is a status (0 something newer stood there or the
/// token is gone, 1 done, 2 too late), whether an entry stood there before, and a stamp.
///
/// Those that announce take a channel and the head of a message as their last two arguments, and answer besides whether the server let
/// them. They announce at the end: a message that is refused (`resetchannels`) must not keep a change from being carried out.
struct TierScripts: Sendable {
    /// How long a tombstone stands: longer than any load runs, and than an outage usually lasts.
    static let tombstoneMilliseconds = 86_400_000

    /// They change, and tell nobody.
    static let silent = TierScripts(announces: false)
    /// They tell the channel of the cache what they have changed.
    static let announcing = TierScripts(announces: true)

    let store: RedisScript
    let remove: RedisScript
    let plant: RedisScript
    let marks: RedisScript
    let sweep: RedisScript
    let expire: RedisScript
    let expireAll: RedisScript
    let tag: RedisScript

    private init(announces: Bool) {
        store = Self.store(announces)
        remove = Self.remove(announces)
        plant = Self.plant
        marks = Self.marks(announces)
        sweep = Self.sweep(announces)
        expire = Self.expire(announces)
        expireAll = Self.expireAll(announces)
        tag = Self.tag(announces)
    }

    /// Tells the channel; answers 1, or 0 where the server does not let it.
    static let announce = #"""
        local function announce(text)
          local told = redis.pcall('PUBLISH', ARGV[#ARGV - 1], ARGV[#ARGV] .. text)
          if type(told) == 'table' and told.err then return 0 end
          return 1
        end

        """#

    /// The step with which a script tells of its entry.
    static func told(_ announces: Bool) -> String {
        announces ? #"announce('\n' .. KEYS[1])"# : "1"
    }

    /// The clock, and what a stamp is.
    static let clock = #"""
        local zero = '00000000000000000000'
        local t = redis.call('TIME')
        local now = string.format('%014d%06d', t[1], t[2])
        local limit = string.format('%014d%06d', t[1] + 60, t[2])
        local function sane(s)
          if type(s) ~= 'string' or #s ~= 20 or string.find(s, '%D') or s > limit then return zero end
          return s
        end

        """#

    /// What a companion says.
    static let companion = #"""
        local function parts(c)
          if type(c) ~= 'string' then return zero, '' end
          if #c > 20 and string.sub(c, 21, 21) ~= ':' then return zero, '' end
          return sane(string.sub(c, 1, 20)), string.sub(c, 22)
        end

        """#

    /// Takes the token in a companion away if it was planted no later than ARGV[1], and leaves the tombstone for the rest of its time.
    static let release = #"""
        local function release(name)
          local tombstone, token = parts(redis.pcall('GET', name))
          if token == '' or string.sub(token, 1, 20) > ARGV[1] then return end
          local left = redis.call('PTTL', name)
          redis.call('DEL', name)
          if tombstone ~= zero and left > 0 then redis.pcall('SET', name, tombstone, 'PX', left) end
        end

        """#

    /// The next stamp.
    private static let successor = #"""
        local function after(s)
          local low = tonumber(string.sub(s, 15)) + 1
          if low < 1000000 then return string.sub(s, 1, 14) .. string.format('%06d', low) end
          return string.format('%014d', tonumber(string.sub(s, 1, 14)) + 1) .. '000000'
        end

        """#

    /// What stands there: `last` is the latest stamp.
    private static let present =
        successor + #"""
            local last = zero
            local head = redis.pcall('GETRANGE', KEYS[1], 0, 27)
            if type(head) == 'string' and string.sub(head, 1, 3) == '\202RE' then last = sane(string.sub(head, 9)) end
            local own = last
            local beside = redis.pcall('GET', KEYS[2])
            local tombstone, token = parts(beside)
            if tombstone > last then last = tombstone end

            """#

    /// Decides on the stamp. ARGV[1] is `a` (always), `n` (if newer) or `t` (if newer, and the token stands), ARGV[2] the
    /// floor or the stamp, ARGV[3] until when the command is valid, or the token. `overtaken` is done first where something newer stands there.
    static func decide(_ overtaken: String = "") -> String {
        clock + companion + present + #"""
            local existed = redis.call('EXISTS', KEYS[1])
            local stamp
            if ARGV[1] == 'a' then
              if now > ARGV[3] then return {2, existed, now} end
              stamp = now
              if last >= stamp then stamp = after(last) end
              local floor = sane(ARGV[2])
              if floor >= stamp then stamp = after(floor) end
            else
              stamp = ARGV[2]
              if stamp > limit then stamp = now end
              if last >= stamp then\#(overtaken)
                return {0, existed, last}
              end
              if ARGV[1] == 't' and token ~= ARGV[3] then return {0, existed, last} end
            end

            """#
    }

    /// An entry that is older than a removal that comes too late, for it has been expired since, is what that was to remove: it must not
    /// stand in.
    private static func removesExpired(_ announces: Bool) -> String {
        #"""

          if own ~= zero and own < stamp then
            redis.call('DEL', KEYS[1])
            return {0, existed, last, \#(told(announces))}
          end
        """#
    }

    /// ARGV[4] is the time to live in milliseconds, ARGV[5] the entry.
    ///
    /// A full server refuses the entry; then what stood there goes, for it is outdated. One that comes too late takes nothing away:
    /// whether it has replaced what stands there, only its node knows, and sends a removal then. What was not loaded makes the
    /// tokens void of those who are still loading. A tombstone stays for its time, with the stamp of what has taken the place of the removal: when
    /// that has died, what is older than the removal must not come back. The look at the entry at the end is for client tracking: by writing it, the connection
    /// has had its notice and no claim to another; by reading it in the same step it has one again.
    private static func store(_ announces: Bool) -> RedisScript {
        RedisScript(
            (announces ? announce : "") + decide() + #"""
                local entry = string.sub(ARGV[5], 1, 8) .. stamp .. string.sub(ARGV[5], 29)
                local done = redis.pcall('SET', KEYS[1], entry, 'PX', ARGV[4])
                if type(done) == 'table' and done.err then
                  redis.call('DEL', KEYS[1])
                  local told = \#(told(announces))
                  return done
                end
                if beside and ARGV[1] ~= 't' then
                  local kept = tombstone ~= zero and redis.pcall('SET', KEYS[2], stamp, 'KEEPTTL')
                  if not kept or kept.err then redis.call('DEL', KEYS[2]) end
                end
                redis.call('EXISTS', KEYS[1])
                return {1, existed, stamp, \#(told(announces))}
                """#
        )
    }

    /// ARGV[4] is the tombstone's time to live in milliseconds.
    ///
    /// Removed first, then marked: on a full server a mark is refused, unless memory was given back before it. Where it is
    /// refused all the same, the token goes at least.
    private static func remove(_ announces: Bool) -> RedisScript {
        RedisScript(
            (announces ? announce : "") + decide(removesExpired(announces)) + #"""
                redis.call('DEL', KEYS[1])
                local done = redis.pcall('SET', KEYS[2], stamp, 'PX', ARGV[4])
                if type(done) == 'table' and done.err and token ~= '' then redis.call('DEL', KEYS[2]) end
                return {1, existed, stamp, \#(told(announces))}
                """#
        )
    }

    /// Plants a token, or finds the one that stands there. ARGV[1] is a number that the caller drew, ARGV[2] how long the
    /// token is needed, in milliseconds. Answers the token, a stamp for a load that begins now, and the clock.
    private static let plant = RedisScript(
        clock + companion + present + #"""
            local stamp = now
            if last >= stamp then stamp = after(last) end
            local left = redis.call('PTTL', KEYS[2])
            if token ~= '' then
              if left >= 0 and left < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
              return {token, stamp, now}
            end
            token = now .. ARGV[1]
            local done = redis.pcall('SET', KEYS[2], tombstone .. ':' .. token, 'PX', math.max(left, tonumber(ARGV[2])))
            if done.err then return done end
            return {token, stamp, now}
            """#
    )

    /// KEYS[1] is the hash of a cache's marks: `e` when it was made, `c` the latest clear. ARGV[1] is a clear to be noted,
    /// or empty. Answers both, and whether the marks are new.
    ///
    /// A full server refuses both; the answer says what stands there, and for missing marks, that they are new.
    ///
    /// A clear that is noted is announced as a whole: nodes may have copies of entries that Redis has dropped, which no sweep will find.
    private static func marks(_ announces: Bool) -> RedisScript {
        let told = announces ? "announce('')" : "1"
        return RedisScript(
            (announces ? announce : "") + clock + #"""
                local epoch = redis.pcall('HGET', KEYS[1], 'e')
                if type(epoch) == 'table' then
                  redis.call('DEL', KEYS[1])
                  epoch = false
                end
                local new = 0
                epoch = sane(epoch)
                if epoch == zero then
                  new = 1
                  epoch = now
                  redis.pcall('HSET', KEYS[1], 'e', epoch)
                end
                local cleared = sane(redis.call('HGET', KEYS[1], 'c'))
                if ARGV[1] > cleared and ARGV[1] <= limit then
                  local done = redis.pcall('HSET', KEYS[1], 'c', ARGV[1])
                  if type(done) ~= 'table' then cleared = ARGV[1] end
                end
                if ARGV[1] == '' then return {epoch, cleared, new, 1} end
                return {epoch, cleared, new, \#(told)}
                """#
        )
    }

    /// KEYS are entries, each with its companion behind it. Removes the entries that are not stamped later than ARGV[1],
    /// and those whose stamp is corrupt, and the tokens that were planted no later; answers how many entries there were.
    private static func sweep(_ announces: Bool) -> RedisScript {
        let note = announces ? #" names[#names + 1] = KEYS[i]"# : ""
        let told = announces ? #"#names == 0 and 1 or announce('\n' .. table.concat(names, '\n'))"# : "1"
        return RedisScript(
            (announces ? announce : "") + clock + companion + release + #"""
                local removed = 0
                local names = {}
                for i = 1, #KEYS, 2 do
                  local stamp = redis.pcall('GETRANGE', KEYS[i], 8, 27)
                  if sane(stamp) == zero or stamp <= ARGV[1] then
                    local gone = redis.call('UNLINK', KEYS[i])
                    removed = removed + gone
                    if gone == 1 then\#(note) end
                  end
                  release(KEYS[i + 1])
                end
                return {removed, \#(told)}
                """#
        )
    }

    /// KEYS[1] is the record of a tag: up to which stamps entries have expired, and are gone. ARGV[1] is what is done: `k` (it has to be there), `i`
    /// (entries are void that were stamped before this step) or `r` (those up to a stamp are); ARGV[2] the stamp up to which a missing record makes
    /// void (empty for the present), that which an invalidation must not be earlier than, or that stamp; ARGV[3] is 1 where void entries are gone;
    /// ARGV[4] until when an invalidation is valid; ARGV[5] how long the record has to live at least, in milliseconds (a day, where an
    /// invalidation makes it). Answers both stamps, how long the record lives, whether it was changed (2: nothing was done, since it came
    /// too late), and the clock.
    ///
    /// Both only grow. Where the record is missing, nobody knows what it said, so all is void that was stamped before. For the same reason a full
    /// server, which refuses the record, loses it instead. Looked at first and last, as entries are, so that a connection hears once of its own change,
    /// and again of the next one.
    private static func tag(_ announces: Bool) -> RedisScript {
        RedisScript(
            (announces ? announce : "") + clock + successor + #"""
                local text = redis.pcall('GET', KEYS[1])
                local expired, removed = zero, zero
                if type(text) == 'string' and #text == 40 then
                  expired, removed = sane(string.sub(text, 1, 20)), sane(string.sub(text, 21))
                end
                local left = redis.call('PTTL', KEYS[1])
                local life = tonumber(ARGV[5])
                if ARGV[1] == 'i' and now > ARGV[4] then return {expired, removed, left, 2, now, 1} end
                local changed = 0
                if expired == zero then
                  expired = now
                  if ARGV[1] == 'k' then
                    if ARGV[2] ~= '' and ARGV[2] < now then expired = ARGV[2] end
                  elseif ARGV[2] > now and ARGV[2] <= limit then
                    expired = ARGV[2]
                  end
                  removed = expired
                  left = life
                  if ARGV[1] ~= 'k' then left = math.max(life, \#(tombstoneMilliseconds)) end
                  changed = 1
                elseif ARGV[1] == 'i' then
                  local floor = after(now)
                  if expired >= floor then floor = after(expired) end
                  if ARGV[2] > floor and ARGV[2] <= limit then floor = ARGV[2] end
                  expired = floor
                  if ARGV[3] == '1' then removed = floor end
                  changed = 1
                elseif ARGV[1] == 'r' then
                  local floor = ARGV[2]
                  if floor > limit then floor = now end
                  if floor > expired then expired, changed = floor, 1 end
                  if ARGV[3] == '1' and floor > removed then removed, changed = floor, 1 end
                end
                if left < 0 or left < life then left, changed = life, 1 end
                local told = 1
                if changed == 1 then
                  local done = redis.pcall('SET', KEYS[1], expired .. removed, 'PX', left)
                  if type(done) == 'table' and done.err then
                    redis.call('DEL', KEYS[1])
                    if ARGV[1] == 'k' then
                      told = \#(told(announces))
                      return done
                    end
                    left = 0
                  end
                  told = \#(told(announces))
                end
                redis.call('EXISTS', KEYS[1])
                return {expired, removed, left, changed, now, told}
                """#
        )
    }
}
