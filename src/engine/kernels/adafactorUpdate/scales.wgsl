// What a weight's directions are divided by, the factor on them, what is left of the weight, and for each of its slices
// the mean of row means; beside them what all share. Buffers: scales [SLICES, 2] (divisor, factor, left, mean; clip
// factor, 1 where the norm is finite), partial [TILES, 64] (…, weights, …), squares [TILES, 64], means [SLICES], table
// (see tables.wgsl), clip [2]; uniforms: moment [groups, numbers]. Rows here are weights: LANES threads share one.
// Barriers are inside row_sum, which all lanes reach.
fn each_row(number: u32, lane: u32) {
  let weight = weight_at(number);
  let first = slice_at(weight.first_slice);
  let start = first.first_tile * 64u;
  let end = start + weight.slices * first.down * first.across * 64u;
  var of_weights = 0.0;
  var of_directions = 0.0;
  for (var i = start + lane; i < end; i += LANES) {
    of_weights += partial[i].z;
    of_directions += squares[i];
  }
  of_weights = row_sum(of_weights, lane);
  of_directions = row_sum(of_directions, lane);
  NUMBERS
  let size = f32(weight.slices * weight.rows * weight.columns);
  let divisor = max(1.0, sqrt(of_directions / size) / THRESHOLD);
  let factor = select(rate, rate * max(sqrt(of_weights / size), LEAST_SCALE), IS_SCALED);
  let left = 1.0 - select(pull * factor, pull, IS_DECAY_BY_RATE);
  for (var s = weight.first_slice + lane; s < weight.first_slice + weight.slices; s += LANES) {
    scales[2u * s] = vec4<f32>(divisor, factor, left, means[s]);
    scales[2u * s + 1u] = vec4<f32>(clip[0], select(0.0, 1.0, is_finite_bits(clip[1])), 0.0, 0.0);
  }
}
