/// A request for a key of the sample.
struct SampledRequest {
    var hash: UInt32
    /// In units of the bound.
    var weight: Int
    /// What answering it from memory saves: one for every request under the goal `requests`, else the cost of the load.
    var cost: Float
}
