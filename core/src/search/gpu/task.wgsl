// Parameters of a dispatch, and data of each query and support row. The twin of `Task` in pipelines.rs.
struct Task {
    queries: u32,       // number of queries
    support: u32,       // number of support rows
    words: u32,         // words per row, four values each
    first_word: u32,    // first word of this dispatch
    end_word: u32,
    first_tile: u32,    // the first tile of queries
    first_step: u32,    // the first tile of support; in a ring: its distance from the queries' tile
    ring: u32,          // tiles of the ring if the queries are the support, else 0
    slots: u32,         // maximum number of candidates per query
    k: u32,
    unused_a: u32,
    unused_b: u32,
}

struct Label {
    norm: f32,          // squared norm of a support row
    row: u32,           // index of the row in the whole support
}

struct QueryState {
    count: atomic<u32>, // candidates so far; too many if above `slots`
    limit: f32,         // the largest key of a row that can still be among the k nearest
    slack: f32,         // difference between the limit and the k-th smallest key
    left_out: u32,      // the excluded row
    rounds: u32,        // selections so far
}
