// Chains the places that hold the same id, block by block, for tables with no more rows than there are ids. One thread
// per row of the table and block of BLOCK places, which reads the same ids as its neighbours; no barriers.
// Buffers: heads [blocks, ROWS] (first place of the row in the block, or N), next [N] (the following one, or N), ids [N].
// Dispatch: x over rows by 64, y over blocks. Places whose id is outside the table belong to no chain.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x * 64u + thread;
  if (row >= ROWS) { return; }
  let length = arrayLength(&ids);
  var head = length;
  var last = length;
  for (var n = group.y * BLOCK; n < min(length, (group.y + 1u) * BLOCK); n++) {
    if (ids[n] != i32(row)) { continue; }
    if (last == length) { head = n; } else { next[last] = n; }
    last = n;
  }
  if (last < length) { next[last] = length; }
  heads[group.y * ROWS + row] = head;
}
