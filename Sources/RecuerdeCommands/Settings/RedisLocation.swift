import RecuerdeRedis

/// The text of `REDIS_URL`, read and masked.
enum RedisLocation {
    @Sendable static func parse(_ text: String) throws(SettingFault) -> RedisURL? {
        do {
            return try RedisURL(text)
        } catch let error as RedisURLError {
            throw SettingFault("cannot be used: \(error.message)")
        } catch {
            throw SettingFault("cannot be used: write redis://host:6379/0")
        }
    }

    /// Whether the text holds credentials, or may: in a URL that cannot be understood everything before an `@` may be one.
    static func holdsCredentials(_ text: String) -> Bool {
        guard let url = try? RedisURL(text.trimmingBlanks) else { return text.contains("@") }
        return url.username != nil || url.password != nil
    }

    /// The URL without credentials; all of it masked where it cannot be understood, since nobody knows then where the
    /// password ends.
    @Sendable static func masked(_ text: String) -> String {
        (try? RedisURL(text))?.masked ?? "****"
    }
}
