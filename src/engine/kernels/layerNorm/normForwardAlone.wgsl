// Layer or RMS normalisation of rows, for adapters where barriers are slow: one row a thread, no barriers.
// Buffers: y [N, UNITS], stats [N] (mean, 1 / deviation), x [N, UNITS], gain and bias [UNITS] where there.
// Dispatch: 64 rows a workgroup. One pass finds mean and variance, from sums about the mean of the row's first unit:
// that lies within the row, so that little cancels however far from 0 the row is. Loops do not start at a constant: software
// adapters would unroll them, and compile for seconds.
fn each(row: u32) {
  let start = row * UNITS;
  let end = start + UNITS;
  var origin = 0.0;
  if (IS_CENTRED) { origin = total(Unit(x[start])) * (f32(UNITS) / f32(WIDTH)); }
  var sums = Unit(0.0);
  var squares = Unit(0.0);
  for (var at = start; at < end; at++) {
    let away = Unit(x[at]) - origin;
    sums += away;
    squares = fma(away, away, squares);
  }
  var mean = 0.0;
  var variance = total(squares) / f32(WIDTH);
  if (IS_CENTRED) {
    let shift = total(sums) / f32(WIDTH);
    mean = origin + shift;
    variance = max(variance - shift * shift, 0.0);
  }
  let scale = inverseSqrt(variance + EPSILON);
  for (var at = start; at < end; at++) {
    y[at] = Stored((Unit(x[at]) - mean) * scale * gain_at(at - start) + bias_at(at - start));
  }
  stats[row] = vec2<f32>(mean, scale);
}
