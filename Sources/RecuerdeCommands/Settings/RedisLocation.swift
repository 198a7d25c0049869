/// The text of `REDIS_URL`, checked and masked.
enum RedisLocation {
    @Sendable static func checked(_ text: String) throws(SettingFault) -> String? {
        guard text.contains("://") else { throw SettingFault("must be a URL such as redis://localhost:6379/0") }
        return text
    }

    @Sendable static func masked(_ text: String) -> String {
        SettingText.withoutCredentials(text)
    }
}
