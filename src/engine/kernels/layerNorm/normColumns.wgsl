// Gradients of gain and bias, first stage: one thread per column and block of rows.
// Buffers: partial [blocks, 2, WIDTH] (gain, then bias), dy, x [N, WIDTH], stats [N] (mean, 1 / deviation).
// Dispatch: x over columns by 64, y over blocks. No barriers.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let column = id.x;
  if (column >= WIDTH) { return; }
  let rows = arrayLength(&stats);
  let rows_each = (rows + groups.y - 1u) / groups.y;
  var gain_sum = 0.0;
  var bias_sum = 0.0;
  for (var row = id.y * rows_each; row < min(rows, (id.y + 1u) * rows_each); row++) {
    let d = dy[row * WIDTH + column];
    gain_sum += d * (x[row * WIDTH + column] - stats[row].x) * stats[row].y;
    bias_sum += d;
  }
  partial[(id.y * 2u) * WIDTH + column] = gain_sum;
  partial[(id.y * 2u + 1u) * WIDTH + column] = bias_sum;
}
