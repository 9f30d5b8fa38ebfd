// Rows divided by their length. Scaled by the largest number first, so that squares neither overflow nor vanish.
// Buffers: y [N, UNITS], scales [N] (1 / length, 0 for a row of zeros, negative where LEAST
// stands for the length), x [N, UNITS]. A team of threads a row; barriers
// are inside reduce, which every lane reaches.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let largest = max(a.x, b.x);
  if (largest == 0.0) { return vec4<f32>(0.0); }
  let left = a.x / largest;
  let right = b.x / largest;
  return vec4<f32>(largest, a.y * left * left + b.y * right * right, 0.0, 0.0);
}

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let start = row * UNITS;
  var peak = Unit(0.0);
  for (var i = lane; i < UNITS; i += LANES) { peak = max(peak, abs(Unit(x[start + i]))); }
  let largest = largest_of(peak);
  var squares = Unit(0.0);
  if (largest > 0.0) {
    for (var i = lane; i < UNITS; i += LANES) {
      let part = Unit(x[start + i]) / largest;
      squares += part * part;
    }
  }
  let sums = reduce(vec4<f32>(largest, total(squares), 0.0, 0.0), thread);
  let length = sums.x * sqrt(sums.y);
  let scale = select(0.0, 1.0 / max(length, LEAST), sums.x > 0.0);
  if (!is_there) { return; }
  for (var i = lane; i < UNITS; i += LANES) { y[start + i] = Stored(Unit(x[start + i]) * scale); }
  if (lane == 0u) { scales[row] = select(scale, -scale, length < LEAST); }
}
