// Copies the candidates of all queries into one contiguous list, query by query, so that only they are read back.

const LANES: u32 = 64u;

@group(0) @binding(0) var<uniform> task: Task;
@group(0) @binding(1) var<storage, read> starts: array<u32>;            // [queries + 1]
@group(0) @binding(2) var<storage, read> candidates: array<vec2<u32>>;  // (key, row), [queries, slots]
@group(0) @binding(3) var<storage, read_write> gathered: array<vec2<u32>>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let query = group.y * groups.x + group.x;
    if query >= task.queries {
        return;
    }
    let start = starts[query];
    let count = starts[query + 1u] - start;
    for (var i = lane; i < count; i += LANES) {
        gathered[start + i] = candidates[query * task.slots + i];
    }
}
