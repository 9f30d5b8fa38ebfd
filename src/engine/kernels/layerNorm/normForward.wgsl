// Layer or RMS normalisation of rows of WIDTH.
// Buffers: y [N, WIDTH], stats [N] (mean, 1 / deviation), x [N, WIDTH], gain and bias [WIDTH] where there.
// One row per LANES threads; barriers are inside row_sum, which every lane of a row reaches.
fn each_row(row: u32, lane: u32) {
  let start = row * WIDTH;
  var mean = 0.0;
  if (IS_CENTRED) {
    var total = 0.0;
    for (var i = lane; i < WIDTH; i += LANES) { total += x[start + i]; }
    mean = row_sum(total, lane) / f32(WIDTH);
  }
  var squares = 0.0;
  for (var i = lane; i < WIDTH; i += LANES) {
    let centred = x[start + i] - mean;
    squares += centred * centred;
  }
  let scale = inverseSqrt(row_sum(squares, lane) / f32(WIDTH) + EPSILON);
  for (var i = lane; i < WIDTH; i += LANES) {
    y[start + i] = (x[start + i] - mean) * scale * gain_at(i) + bias_at(i);
  }
  if (lane == 0u) { stats[row] = vec2<f32>(mean, scale); }
}
