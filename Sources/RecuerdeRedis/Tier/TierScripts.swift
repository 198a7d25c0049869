/// The scripts that write entries: each one atomic step for one key and its tombstone.
///
/// Stamps are compared as text, since they are decimals of one width and numbers in Lua are doubles. A stamp more than a
/// minute ahead of this server's clock is corrupt and counts as none. The layout of an entry is that of `Envelope`: the
/// stamp is bytes 8 to 27.
///
/// KEYS[1] is the entry, KEYS[2] its tombstone. The answer is a status (0 something newer stood there, 1 done, 2 too
/// late), whether an entry stood there before, and a stamp.
enum TierScripts {
    /// How long a tombstone stands: longer than any load runs, and than an outage usually lasts.
    static let tombstoneMilliseconds = 86_400_000

    /// Reads the clock and what stands there, and decides on the stamp. ARGV[1] is `a` (always) or `n` (if newer),
    /// ARGV[2] the floor or the stamp, ARGV[3] until when the command is valid.
    private static let decide = #"""
        local zero = '00000000000000000000'
        local t = redis.call('TIME')
        local now = string.format('%014d%06d', t[1], t[2])
        local limit = string.format('%014d%06d', t[1] + 60, t[2])
        local function sane(s)
          if type(s) ~= 'string' or #s ~= 20 or string.find(s, '%D') or s > limit then return zero end
          return s
        end
        local function after(s)
          local low = tonumber(string.sub(s, 15)) + 1
          if low < 1000000 then return string.sub(s, 1, 14) .. string.format('%06d', low) end
          return string.format('%014d', tonumber(string.sub(s, 1, 14)) + 1) .. '000000'
        end
        local existed = redis.call('EXISTS', KEYS[1])
        local last = zero
        local head = redis.pcall('GETRANGE', KEYS[1], 0, 27)
        if type(head) == 'string' and string.sub(head, 1, 3) == '\202RE' then last = sane(string.sub(head, 9)) end
        local tombstone = sane(redis.pcall('GET', KEYS[2]))
        if tombstone > last then last = tombstone end
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
          if last >= stamp then return {0, existed, last} end
        end

        """#

    /// ARGV[4] is the time to live in milliseconds, ARGV[5] the entry.
    ///
    /// A full server refuses the entry; then what stood there goes, for it is outdated.
    static let store = RedisScript(
        decide + #"""
            local entry = string.sub(ARGV[5], 1, 8) .. stamp .. string.sub(ARGV[5], 29)
            local done = redis.pcall('SET', KEYS[1], entry, 'PX', ARGV[4])
            if type(done) == 'table' and done.err then
              redis.call('DEL', KEYS[1])
              return done
            end
            if tombstone ~= zero then redis.call('DEL', KEYS[2]) end
            return {1, existed, stamp}
            """#
    )

    /// ARGV[4] is the tombstone's time to live in milliseconds.
    ///
    /// Removed first, then marked: on a full server a mark is refused, unless memory was given back before it.
    static let remove = RedisScript(
        decide + #"""
            redis.call('DEL', KEYS[1])
            redis.pcall('SET', KEYS[2], stamp, 'PX', ARGV[4])
            return {1, existed, stamp}
            """#
    )

    /// Removes those of KEYS that are not stamped later than ARGV[1], and those whose stamp is corrupt; answers how many
    /// there were.
    static let sweep = RedisScript(
        #"""
        local t = redis.call('TIME')
        local limit = string.format('%014d%06d', t[1] + 60, t[2])
        local removed = 0
        for _, key in ipairs(KEYS) do
          local stamp = redis.pcall('GETRANGE', key, 8, 27)
          if type(stamp) ~= 'string' or #stamp ~= 20 or string.find(stamp, '%D') or stamp > limit or stamp <= ARGV[1] then
            removed = removed + redis.call('UNLINK', key)
          end
        end
        return removed
        """#
    )
}
