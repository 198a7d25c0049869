/// The scripts that take, renew and release leases: each one atomic step.
///
/// KEYS[1] is the lease: its owner, a colon, and the number that it was given. ARGV[1] is the owner.
enum LeaseScripts {
    private static let own = #"""
        local held = redis.call('GET', KEYS[1])
        local own = ARGV[1] .. ':'
        local isOwn = held and string.sub(held, 1, #own) == own

        """#

    /// ARGV[2] is the time to live in milliseconds. KEYS[2], where the lease is numbered, keeps the latest number. Answers 1 and the number, or 0 and for how
    /// many milliseconds another holds it.
    ///
    /// One without an end is not a lease, but something that somebody put there. A number is at most 2^53, beyond which Lua's would not be exact; one that is larger
    /// was not given by this.
    static let acquire = RedisScript(
        own + #"""
            if held and not isOwn then
              local left = redis.call('PTTL', KEYS[1])
              if left >= 0 then return {0, left} end
            end
            local number
            if isOwn then
              number = string.sub(held, #own + 1)
            else
              local t = redis.call('TIME')
              local new = t[1] * 1000000 + t[2]
              if KEYS[2] then
                local last = tonumber(redis.call('GET', KEYS[2]) or 0)
                if last and last >= new and last < 9000000000000000 then new = last + 1 end
              end
              number = string.format('%.0f', new)
              if KEYS[2] then redis.call('SET', KEYS[2], number) end
            end
            redis.call('SET', KEYS[1], own .. number, 'PX', ARGV[2])
            return {1, number}
            """#
    )

    /// ARGV[2] is the time to live in milliseconds. Answers 1, or 0 where another holds it or nobody does.
    static let renew = RedisScript(
        own + #"""
            if not isOwn then return 0 end
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """#
    )

    /// ARGV[2] is the channel. Answers whether it was the owner's, and whether the server let it tell the channel.
    ///
    /// Told after it is gone, and by `pcall`: a message that is refused must not keep it from being released.
    static let release = RedisScript(
        own + #"""
            if not isOwn then return {0, 1} end
            redis.call('DEL', KEYS[1])
            local told = redis.pcall('PUBLISH', ARGV[2], KEYS[1])
            if type(told) == 'table' and told.err then return {1, 0} end
            return {1, 1}
            """#
    )
}
