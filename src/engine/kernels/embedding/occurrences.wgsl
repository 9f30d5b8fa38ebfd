// Chains the positions that hold the same id. One thread per position; no barriers.
// Buffers: links [N] (1 for the first occurrence of its id, next position with that id or N), ids [N].
fn each(n: u32) {
  let length = arrayLength(&ids);
  let id = ids[n];
  var is_first = 1;
  for (var m = n; m > 0u; m--) {
    if (ids[m - 1u] == id) {
      is_first = 0;
      break;
    }
  }
  var next = n + 1u;
  while (next < length && ids[next] != id) { next++; }
  links[n] = vec2<i32>(is_first, i32(next));
}
