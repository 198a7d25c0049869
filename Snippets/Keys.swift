// Keys are made of parts. A literal is structure; what is interpolated is escaped.

import Recuerde

let id = "42"
let written: CacheKey = "learner:\(id):profile"
let built = CacheKey("learner", id, "profile")
print(written == built)

// Nothing that comes from outside can pass for structure.
print(CacheKey("a:b", "c") == CacheKey("a", "b:c"))
print(CacheKey("a:b", "c").text)

// One text in two Unicode forms is one key; an accent always tells two apart.
print(CacheKey("hable\u{301}") == CacheKey("habl\u{e9}"))
print(CacheKey("hable") == CacheKey("habl\u{e9}"))

// A whole value as one part: the order of its fields never matters.
struct Question: Encodable {
    var verb: String
    var tense: String
}
let question = try CacheKey.encode(Question(verb: "hablar", tense: "present"))
print(CacheKey("hint", question).text)

// A long key keeps its head and ends in the SHA-256 of the whole.
print(CacheKey("essay", String(repeating: "palabra ", count: 100)).text.utf8.count)
// snippet.hide

precondition(written == built)
precondition(CacheKey("a:b", "c") != CacheKey("a", "b:c"))
precondition(CacheKey("hable\u{301}") == CacheKey("habl\u{e9}"))
precondition(CacheKey("hable") != CacheKey("habl\u{e9}"))
