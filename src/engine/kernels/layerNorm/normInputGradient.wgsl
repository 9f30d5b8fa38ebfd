// Gradient of the normalisation with respect to its input.
// Buffers: dx, dy, x [N, WIDTH], stats [N] (mean, 1 / deviation), gain [WIDTH] where there.
// One row per LANES threads; barriers are inside row_sum, which every lane of a row reaches.
fn each_row(row: u32, lane: u32) {
  let start = row * WIDTH;
  let mean = stats[row].x;
  let scale = stats[row].y;
  var total = 0.0;
  var aligned = 0.0;
  for (var i = lane; i < WIDTH; i += LANES) {
    let d = dy[start + i] * gain_at(i);
    total += d;
    aligned += d * (x[start + i] - mean) * scale;
  }
  var mean_d = 0.0;
  if (IS_CENTRED) { mean_d = row_sum(total, lane) / f32(WIDTH); }
  let mean_aligned = row_sum(aligned, lane) / f32(WIDTH);
  for (var i = lane; i < WIDTH; i += LANES) {
    let normal = (x[start + i] - mean) * scale;
    dx[start + i] = (dy[start + i] * gain_at(i) - mean_d - normal * mean_aligned) * scale;
  }
}
