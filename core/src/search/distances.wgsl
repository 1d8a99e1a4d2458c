// Dot products of queries with support rows, 64 x 64 for each workgroup, 4 x 4 for each invocation.
// The twin of `dots` in cpu.rs: products are added in chunks, then the chunks.

const SIDE: u32 = 64u;      // rows of a workgroup's tile
const STEP: u32 = 4u;       // words taken into workgroup memory at a time

@group(0) @binding(0) var<uniform> tile: Tile;
@group(0) @binding(1) var<storage, read> queries: array<vec4<f32>>;     // [queries, words]
@group(0) @binding(2) var<storage, read> support: array<vec4<f32>>;     // [support, words]
@group(0) @binding(3) var<storage, read_write> dots: array<f32>;        // [queries, support]

var<workgroup> query_words: array<vec4<f32>, 256>;      // [SIDE, STEP]
var<workgroup> support_words: array<vec4<f32>, 256>;    // [SIDE, STEP]

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) at: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let query_row = group.y * SIDE + lane / STEP;
    let support_row = group.x * SIDE + lane % 64u;
    let support_step = lane / 64u;
    var total = array<vec4<f32>, 4>();
    for (var chunk = tile.first_word; chunk < tile.end_word; chunk += tile.chunk) {
        var sum = array<vec4<f32>, 4>();
        for (var word = chunk; word < min(chunk + tile.chunk, tile.end_word); word += STEP) {
            var q = vec4<f32>();
            var t = vec4<f32>();
            let query_word = word + lane % STEP;
            if query_row < tile.queries && query_word < tile.end_word {
                q = queries[query_row * tile.words + query_word];
            }
            let support_word = word + support_step;
            if support_row < tile.support && support_word < tile.end_word {
                t = support[support_row * tile.words + support_word];
            }
            query_words[lane] = q;
            support_words[lane] = t;
            workgroupBarrier();
            for (var step = 0u; step < STEP; step++) {
                let t0 = support_words[step * 64u + at.x];
                let t1 = support_words[step * 64u + at.x + 16u];
                let t2 = support_words[step * 64u + at.x + 32u];
                let t3 = support_words[step * 64u + at.x + 48u];
                for (var row = 0u; row < 4u; row++) {
                    let q = query_words[(at.y * 4u + row) * STEP + step];
                    sum[row] += vec4(dot(q, t0), dot(q, t1), dot(q, t2), dot(q, t3));
                }
            }
            workgroupBarrier();
        }
        for (var row = 0u; row < 4u; row++) {
            total[row] += sum[row];
        }
    }
    for (var row = 0u; row < 4u; row++) {
        let query = group.y * SIDE + at.y * 4u + row;
        for (var col = 0u; col < 4u; col++) {
            let other = group.x * SIDE + at.x + 16u * col;
            if query < tile.queries && other < tile.support {
                let place = query * tile.support + other;
                if tile.first_word == 0u {
                    dots[place] = total[row][col];
                } else {
                    dots[place] += total[row][col];
                }
            }
        }
    }
}
