// Partial products, one after the other in memory, added in ascending order of the parts. One thread per element; no
// barriers. Buffers: total [n] of Stored, partial [PARTS, n].
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let index = (group.x + group.y * groups.x) * 64u + thread;
  let count = arrayLength(&partial) / PARTS; // of f16, total may be bound with one more
  if (index >= count) { return; }
  var sum = 0.0;
  for (var part = 0u; part < PARTS; part++) { sum += partial[part * count + index]; }
  total[index] = Stored(sum);
}
