/// Words of the command line, in pairs of name and value; but for flags, which stand alone.
struct Arguments: Sendable {
    private var values: [String: String] = [:]
    private static let flags: Set<String> = ["--json"]

    init(_ words: ArraySlice<String>) {
        var words = words
        while let name = words.popFirst() {
            if Self.flags.contains(name) {
                values[name] = ""
                continue
            }
            guard name.hasPrefix("--"), let value = words.popFirst() else { fail("unknown argument \(name)") }
            values[name] = value
        }
    }

    func text(_ name: String, else value: String? = nil) -> String {
        guard let text = values[name] ?? value else { fail("\(name) is missing") }
        return text
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    func integer(_ name: String, else value: Int? = nil) -> Int {
        guard let number = values[name].map({ Int($0) }) ?? value else { fail("\(name) wants a number") }
        return number
    }
}
