// What the kernels are told of a dispatch, and what they know of every row. The twin of `Task` in pipelines.rs.
struct Task {
    queries: u32,       // rows that ask
    support: u32,       // rows that are asked for
    words: u32,         // words of a row, four values each
    first_word: u32,    // the words of this dispatch
    end_word: u32,
    first_tile: u32,    // the first tile of queries
    first_step: u32,    // the first tile of support; in a ring: how far it is from the queries' tile
    ring: u32,          // tiles of the ring, where the queries are the support; else 0
    slots: u32,         // candidates that a query can hold
    k: u32,
    unused_a: u32,
    unused_b: u32,
}

struct Label {
    norm: f32,          // squared norm of a support row
    row: u32,           // which row of the whole it is
}

struct QueryState {
    count: atomic<u32>, // candidates so far; more than `slots` is an overflow
    limit: f32,         // the largest key of a row that can still be among the k nearest
    slack: f32,         // what the limit adds to the k-th smallest key
    left_out: u32,      // the row that must not be a neighbour
    rounds: u32,        // selections so far
}
