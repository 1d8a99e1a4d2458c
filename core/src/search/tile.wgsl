// What both kernels are told about the tile of the queries x support matrix they work on.
struct Tile {
    queries: u32,       // rows of queries
    support: u32,       // rows of support
    first_query: u32,   // the first of them in the whole
    first_support: u32,
    words: u32,         // vec4s of a row
    first_word: u32,    // the words of this dispatch
    end_word: u32,
    chunk: u32,         // words whose products are added before the chunks are
    k: u32,
    leave_out: u32,     // 1: query i is support i and is left out
    kept: u32,          // rows that a query can keep
    unused: u32,
}

