/// What is wrong with a setting, in words that follow its name: "must be a whole number from 1 to 65535".
///
/// Never repeats the value: it may be a secret, or sit where a secret was meant to be.
struct SettingFault: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
