// Computes keys |t|^2 - 2 q.t of a tile of queries and support rows; rows with keys up to a query's limit become its
// candidates. The twin of the CPU's tiles: adds products in chunks (one per dispatch), then adds the chunks. A tile has
// 64 or 128 rows per side, a workgroup 16 x 16 invocations, an invocation 4 x 4 or 8 x 8 sums in registers: one or four
// quarters of 4 x 4. In a ring the queries are the support, and each pair's product serves both rows.

override HALVES: u32 = 1u;  // per side of a tile, 64 rows each

const HALF: u32 = 64u;
const STEP: u32 = 4u;       // words loaded into workgroup memory at a time
const LANES: u32 = 256u;

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> query_rows: array<Word>;               // [queries, words]
@group(0) @binding(2) var<storage, read> support_rows: array<Word>;             // [support, words]
@group(0) @binding(3) var<storage, read> labels: array<Label>;                  // [support]
@group(0) @binding(4) var<storage, read_write> queries: array<QueryState>;      // [queries]
@group(0) @binding(5) var<storage, read_write> candidates: array<vec2<u32>>;    // (key, row), [queries, slots]
@group(0) @binding(6) var<storage, read_write> carried: array<vec4<f32>>;       // sums of earlier chunks

var<workgroup> query_words: array<vec4<f32>, HALVES * HALF * STEP>;     // [row, step]
var<workgroup> support_words: array<vec4<f32>, HALVES * HALF * STEP>;   // [step, row], rows in the order of `place`

// Invocations write four steps of a row and read one step of many rows: both without bank conflicts.
fn place(step: u32, row: u32) -> u32 {
    return step * HALVES * HALF + (row ^ (2u * step));
}

// Returns four rows of the queries' half and four columns of the support's half (value by value) in the tile.
fn four_queries(half: u32, first: u32, step: u32) -> mat4x4<f32> {
    let at = (half * HALF + first) * STEP + step;
    return mat4x4(query_words[at], query_words[at + STEP], query_words[at + 2u * STEP], query_words[at + 3u * STEP]);
}

fn four_support(half: u32, first: u32, step: u32) -> mat4x4<f32> {
    let row = half * HALF + first;
    return transpose(mat4x4(
        support_words[place(step, row)],
        support_words[place(step, row + 16u)],
        support_words[place(step, row + 32u)],
        support_words[place(step, row + 48u)],
    ));
}

fn with_products(sums: mat4x4<f32>, q: mat4x4<f32>, t: mat4x4<f32>) -> mat4x4<f32> {
    return mat4x4(
        with_row(sums[0], q[0], t), with_row(sums[1], q[1], t), with_row(sums[2], q[2], t), with_row(sums[3], q[3], t),
    );
}

fn with_row(sum: vec4<f32>, q: vec4<f32>, t: mat4x4<f32>) -> vec4<f32> {
    return fma(vec4(q.x), t[0], fma(vec4(q.y), t[1], fma(vec4(q.z), t[2], fma(vec4(q.w), t[3], sum))));
}

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) at: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let query_tile = task.first_tile + group.y;
    var support_tile = task.first_step + group.x;
    if task.ring > 0u {
        // Half way round an even ring, each pair of tiles would occur twice.
        if 2u * support_tile == task.ring && query_tile >= support_tile {
            return;
        }
        support_tile = (query_tile + support_tile) % task.ring;
    }
    let first_query = query_tile * HALVES * HALF;
    let first_support = support_tile * HALVES * HALF;

    // Rows beyond the end repeat the last row; their sums are not used.
    let row = lane / STEP;
    let near_query = min(first_query + row, task.queries - 1u) * task.words;
    let far_query = min(first_query + HALF + row, task.queries - 1u) * task.words;
    let near_support = min(first_support + row, task.support - 1u) * task.words;
    let far_support = min(first_support + HALF + row, task.support - 1u) * task.words;
    var word = task.first_word + lane % STEP;
    let last_word = task.end_word - STEP + lane % STEP;
    var near_q = query_rows[near_query + word];
    var near_t = support_rows[near_support + word];
    var far_q = Word();
    var far_t = Word();
    if HALVES == 2u {
        far_q = query_rows[far_query + word];
        far_t = support_rows[far_support + word];
    }

    var near = mat4x4<f32>();
    var right = mat4x4<f32>();
    var below = mat4x4<f32>();
    var across = mat4x4<f32>();
    for (var first = task.first_word; first < task.end_word; first += STEP) {
        query_words[lane] = values(near_q);
        support_words[place(lane % STEP, row)] = values(near_t);
        if HALVES == 2u {
            query_words[LANES + lane] = values(far_q);
            support_words[place(lane % STEP, HALF + row)] = values(far_t);
        }
        workgroupBarrier();
        // The next words are loaded during these multiplications.
        word = min(word + STEP, last_word);
        near_q = query_rows[near_query + word];
        near_t = support_rows[near_support + word];
        if HALVES == 2u {
            far_q = query_rows[far_query + word];
            far_t = support_rows[far_support + word];
        }
        for (var step = 0u; step < STEP; step++) {
            let q = four_queries(0u, 4u * at.y, step);
            let t = four_support(0u, at.x, step);
            near = with_products(near, q, t);
            if HALVES == 2u {
                let other_q = four_queries(1u, 4u * at.y, step);
                let other_t = four_support(1u, at.x, step);
                right = with_products(right, q, other_t);
                below = with_products(below, other_q, t);
                across = with_products(across, other_q, other_t);
            }
        }
        workgroupBarrier();
    }

    let both_sides = task.ring > 0u && query_tile != support_tile;
    let kept_at = (group.y * groups.x + group.x) * HALVES * HALVES * 4u * LANES + lane;
    let query = first_query + 4u * at.y;
    let support = first_support + at.x;
    finish(near, kept_at, query, support, both_sides);
    if HALVES == 2u {
        finish(right, kept_at + 4u * LANES, query, support + HALF, both_sides);
        finish(below, kept_at + 8u * LANES, query + HALF, support, both_sides);
        finish(across, kept_at + 12u * LANES, query + HALF, support + HALF, both_sides);
    }
}

// Adds a quarter's sums to those of earlier chunks; after the last chunk, compares them with the limits.
fn finish(sums: mat4x4<f32>, kept_at: u32, query: u32, support: u32, both_sides: bool) {
    var totals = sums;
    if task.first_word > 0u {
        totals += mat4x4(
            carried[kept_at], carried[kept_at + LANES], carried[kept_at + 2u * LANES], carried[kept_at + 3u * LANES],
        );
    }
    if task.end_word < task.words {
        carried[kept_at] = totals[0];
        carried[kept_at + LANES] = totals[1];
        carried[kept_at + 2u * LANES] = totals[2];
        carried[kept_at + 3u * LANES] = totals[3];
        return;
    }
    offer(query, support, totals[0], both_sides);
    offer(query + 1u, support, totals[1], both_sides);
    offer(query + 2u, support, totals[2], both_sides);
    offer(query + 3u, support, totals[3], both_sides);
}

// Adds those of four support rows, 16 apart, that are within the limit to a query's candidates; in a ring, also the
// query to theirs.
fn offer(query: u32, first_support: u32, dots: vec4<f32>, both_sides: bool) {
    if query >= task.queries {
        return;
    }
    let limit = queries[query].limit;
    for (var i = 0u; i < 4u; i++) {
        let support = first_support + 16u * i;
        if support < task.support {
            let key = labels[support].norm - 2.0 * dots[i];
            if key <= limit {
                add(query, key, labels[support].row);
            }
            if both_sides {
                let own_key = labels[query].norm - 2.0 * dots[i];
                if own_key <= queries[support].limit {
                    add(support, own_key, labels[query].row);
                }
            }
        }
    }
}

fn add(query: u32, key: f32, row: u32) {
    if row == queries[query].left_out {
        return;
    }
    let slot = atomicAdd(&queries[query].count, 1u);
    if slot < task.slots {
        candidates[query * task.slots + slot] = vec2(bitcast<u32>(key), row);
    }
}
