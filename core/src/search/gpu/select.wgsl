// Removes the candidates that cannot be among the k nearest any more, and lowers the limit: one workgroup per query.
// The twin of `cut` on the CPU. Keeps a candidate if its key is at most the k-th smallest key plus the query's slack. A
// query with more candidates than slots gets no further ones; the CPU searches it.

const LANES: u32 = 256u;
const MOST_SLOTS: u32 = 1024u;
const NOTHING: f32 = -3.0e38;   // below every key

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read_write> queries: array<QueryState>;      // [queries]
@group(0) @binding(2) var<storage, read_write> candidates: array<vec2<u32>>;    // (key, row), [queries, slots]

var<workgroup> keys: array<f32, MOST_SLOTS>;
var<workgroup> rows: array<u32, MOST_SLOTS>;
var<workgroup> survivors: atomic<u32>;
var<workgroup> found: u32;
var<workgroup> limit: f32;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let query = group.y * groups.x + group.x;
    if query >= task.queries {
        return;
    }
    if lane == 0u {
        found = atomicLoad(&queries[query].count);
        limit = queries[query].limit;
        queries[query].rounds += 1u;
        atomicStore(&survivors, 0u);
    }
    let count = workgroupUniformLoad(&found);
    if count > task.slots {
        if lane == 0u {
            queries[query].limit = NOTHING;
        }
        return;
    }
    for (var i = lane; i < count; i += LANES) {
        let candidate = candidates[query * task.slots + i];
        keys[i] = bitcast<f32>(candidate.x);
        rows[i] = candidate.y;
    }
    workgroupBarrier();
    if count >= task.k {
        for (var i = lane; i < count; i += LANES) {
            let key = keys[i];
            var rank = 0u;
            for (var j = 0u; j < count; j++) {
                rank += u32(keys[j] < key || (keys[j] == key && j < i));
            }
            if rank == task.k - 1u {
                limit = key + queries[query].slack;
            }
        }
    }
    let new_limit = workgroupUniformLoad(&limit);
    for (var i = lane; i < count; i += LANES) {
        if keys[i] <= new_limit {
            let slot = atomicAdd(&survivors, 1u);
            candidates[query * task.slots + slot] = vec2(bitcast<u32>(keys[i]), rows[i]);
        }
    }
    workgroupBarrier();
    if lane == 0u {
        atomicStore(&queries[query].count, atomicLoad(&survivors));
        queries[query].limit = new_limit;
    }
}
