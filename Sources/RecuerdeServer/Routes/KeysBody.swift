/// A page of keys as operators get it.
struct KeysBody: Encodable {
    let keys: [String]
    let truncated: Bool
    let source: String
}
