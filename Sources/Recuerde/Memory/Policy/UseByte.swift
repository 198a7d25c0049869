/// What is noted of a resident entry at each use, in one byte, so that a hit writes to one place only and to none once
/// the entry is known to be popular.
struct UseByte: BitwiseCopyable {
    /// Which queue the entry stands in.
    enum Queue: UInt8 {
        case none = 0
        /// Newcomers.
        case window = 1
        /// On trial: asked for again, they become protected; else they are the next to go.
        case probation = 2
        /// Asked for again while on trial.
        case protected = 3
    }

    private(set) var bits: UInt8 = 0

    /// Uses seen of late, up to 15.
    var frequency: UInt8 {
        get { bits & 0b1111 }
        set { bits = bits & 0b1111_0000 | min(newValue, FrequencySketch.maximum) }
    }

    /// Used since it was last moved.
    var touched: Bool {
        get { bits & 0b1_0000 != 0 }
        set { bits = newValue ? bits | 0b1_0000 : bits & 0b1110_1111 }
    }

    /// Its key is one of the sample that the trial caches are fed with.
    var sampled: Bool {
        get { bits & 0b10_0000 != 0 }
        set { bits = newValue ? bits | 0b10_0000 : bits & 0b1101_1111 }
    }

    var queue: Queue {
        get { Queue(rawValue: bits >> 6) ?? .none }
        set { bits = bits & 0b11_1111 | newValue.rawValue << 6 }
    }

    /// Used once more.
    mutating func use() {
        if bits & 0b1111 < FrequencySketch.maximum { bits &+= 1 }
        bits |= 0b1_0000
    }

    /// Half the uses, so that what was asked for long ago fades.
    mutating func halve() {
        bits = bits & 0b1111_0000 | (bits & 0b1111) >> 1
    }
}
