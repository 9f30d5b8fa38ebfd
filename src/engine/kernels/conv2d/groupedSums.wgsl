// The sums of all blocks in ascending order. One thread per number of the weight, then of the bias; no barriers.
// Buffers: weight_gradient [NUMBERS - OUTS], bias_gradient [OUTS], sums [BLOCKS, NUMBERS].
fn each(index: u32) {
  var sum = 0.0;
  for (var block = 0u; block < BLOCKS; block++) { sum += sums[block * NUMBERS + index]; }
  if (index < NUMBERS - OUTS) { weight_gradient[index] = sum; } else { put_bias(index - (NUMBERS - OUTS), sum); }
}
