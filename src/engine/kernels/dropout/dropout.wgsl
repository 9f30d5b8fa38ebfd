// Inverted dropout. One thread per four elements, which share a Philox block; no barriers.
// Buffers: y, x of any length; counter [1] (the step); uniforms: dropout.
fn each(block: u32) {
  let factors = dropout_factors(u.dropout, counter[0], block);
  for (var lane = 0u; lane < 4u; lane++) {
    let index = block * 4u + lane;
    if (index < arrayLength(&y)) { y[index] = x[index] * factors[lane]; }
  }
}
