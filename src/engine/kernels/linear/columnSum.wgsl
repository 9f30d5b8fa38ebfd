// Sums over rows: one thread per column and block of rows.
// Buffers: sums [blocks, WIDTH], x [N, WIDTH]. Dispatch: x over columns by 64, y over blocks. No barriers.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let column = id.x;
  if (column >= WIDTH) { return; }
  let rows = arrayLength(&x) / WIDTH;
  let rows_each = (rows + groups.y - 1u) / groups.y;
  var total = 0.0;
  for (var row = id.y * rows_each; row < min(rows, (id.y + 1u) * rows_each); row++) {
    total += x[row * WIDTH + column];
  }
  sums[id.y * WIDTH + column] = total;
}
