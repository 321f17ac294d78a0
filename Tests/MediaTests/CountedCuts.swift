// The cuts of films at hand, counted by eye frame by frame.

import TestSupport

/// A film and where its shots change.
struct CountedCuts: Sendable {
    /// Where the film lies in the shared material.
    let path: String
    /// Frames a second, as a fraction.
    let rate: (Int, Int)
    /// The first frame of each shot but the first.
    let cuts: [Int]
    /// First and last frames in which two shots are seen.
    var dissolves: [ClosedRange<Int>] = []
    /// Places where two people would not agree; what is found there is neither right nor wrong.
    var doubtful: [Int] = []

    /// All of them, with the films in which nothing changes.
    static let all: [CountedCuts] =
        [
            CountedCuts(
                path: "tears-of-steel/tears-of-steel-battle-clip-medium.webm", rate: (24, 1),
                cuts: [
                    52, 122, 158, 221, 309, 715, 788, 872, 901, 987, 1127, 1157, 1203, 1234, 1246,
                    1284, 1345, 1378, 1430, 1472, 1525, 1571, 1618, 1650, 1689,
                ]),
            CountedCuts(
                path: "popeye/Title T00-1.mkv", rate: (24, 1),
                cuts: [74, 331, 530, 738, 1071, 1336]),
            CountedCuts(path: "popeye/Title T01-2.mkv", rate: (24, 1), cuts: [567, 661, 994]),
            // At 272 what is drawn jumps on a background that stays.
            CountedCuts(
                path: "popeye/Title T02-3.mkv", rate: (24, 1),
                cuts: [16, 305, 770, 965, 1086, 1244], doubtful: [272]),
            CountedCuts(path: "popeye/Title T03-4.mkv", rate: (24, 1), cuts: [297, 657, 962]),
            CountedCuts(
                path: "big-buck-bunny/big_buck_bunny_0_30.webm", rate: (24, 1),
                cuts: [283, 376, 551]),
            CountedCuts(
                path: "nasa/nasa_13013.mp4", rate: (30_000, 1_001), cuts: [240],
                dissolves: [152...179]),
            CountedCuts(path: "big-buck-bunny/bigbuckbunny.mp4", rate: (25, 1), cuts: []),
            CountedCuts(path: "chaplin/chaplin.mp4", rate: (25, 1), cuts: []),
            CountedCuts(path: "timecode/smpte-2997.mp4", rate: (25, 1), cuts: []),
        ]
        + ["crystal", "elf", "frog", "monster", "pig", "rabbit"].map {
            CountedCuts(path: "mdn-objects/\($0).webm", rate: (30, 1), cuts: [])
        }
}
