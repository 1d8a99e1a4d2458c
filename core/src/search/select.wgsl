// Keeps, for each query, the support rows that can still be among the k nearest: one workgroup a query.
// The twin of `tile_search` in cpu.rs. A row is kept while its key is at most the k-th smallest key so far plus the
// query's slack; more than `kept` such rows are an overflow, and the query is left to the CPU.

const LANES: u32 = 256u;
const OVERFLOW: u32 = 0xffffffffu;

@group(0) @binding(0) var<uniform> tile: Tile;
@group(0) @binding(1) var<storage, read> dots: array<f32>;                  // [queries, support]
@group(0) @binding(2) var<storage, read> norms: array<f32>;                 // [support]
@group(0) @binding(3) var<storage, read> slack: array<f32>;                 // [queries]
@group(0) @binding(4) var<storage, read_write> bounds: array<f32>;          // [queries]
@group(0) @binding(5) var<storage, read_write> counts: array<u32>;          // [queries], or OVERFLOW
@group(0) @binding(6) var<storage, read_write> kept_keys: array<f32>;       // [queries, kept]
@group(0) @binding(7) var<storage, read_write> kept_rows: array<u32>;       // [queries, kept]

var<workgroup> keys: array<f32, 1024>;      // those kept so far and those of this tile
var<workgroup> rows: array<u32, 1024>;
var<workgroup> filled: atomic<u32>;
var<workgroup> survivors: atomic<u32>;
var<workgroup> bound: f32;
var<workgroup> old_count: u32;
var<workgroup> seen: u32;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let query = group.x;
    if lane == 0u {
        old_count = counts[query];
        bound = bounds[query];
    }
    let count = workgroupUniformLoad(&old_count);
    if count == OVERFLOW {
        return;
    }
    let limit = workgroupUniformLoad(&bound);
    if lane == 0u {
        atomicStore(&filled, count);
        atomicStore(&survivors, 0u);
    }
    for (var i = lane; i < count; i += LANES) {
        keys[i] = kept_keys[query * tile.kept + i];
        rows[i] = kept_rows[query * tile.kept + i];
    }
    workgroupBarrier();

    for (var i = lane; i < tile.support; i += LANES) {
        let key = norms[i] - 2.0 * dots[query * tile.support + i];
        let row = tile.first_support + i;
        let itself = tile.leave_out == 1u && row == tile.first_query + query;
        if key <= limit && !itself {
            let place = atomicAdd(&filled, 1u);
            keys[place] = key;
            rows[place] = row;
        }
    }
    workgroupBarrier();
    if lane == 0u {
        seen = atomicLoad(&filled);
    }
    let all = workgroupUniformLoad(&seen);

    if all >= tile.k {
        for (var i = lane; i < all; i += LANES) {
            let key = keys[i];
            var rank = 0u;
            for (var j = 0u; j < all; j++) {
                rank += u32(keys[j] < key || (keys[j] == key && j < i));
            }
            if rank == tile.k - 1u {
                bound = key + slack[query];
            }
        }
    }
    let new_limit = workgroupUniformLoad(&bound);

    for (var i = lane; i < all; i += LANES) {
        if keys[i] <= new_limit {
            let place = atomicAdd(&survivors, 1u);
            if place < tile.kept {
                kept_keys[query * tile.kept + place] = keys[i];
                kept_rows[query * tile.kept + place] = rows[i];
            }
        }
    }
    workgroupBarrier();
    if lane == 0u {
        let left = atomicLoad(&survivors);
        counts[query] = select(OVERFLOW, left, left <= tile.kept);
        bounds[query] = new_limit;
    }
}
