// The factor of each sample. One thread per four samples, which share a Philox block; no barriers.
// Buffers: factors [B], counter [1] (the step); uniforms: dropout.
fn each(block: u32) {
  let four = dropout_factors(u.dropout, counter[0], block);
  for (var lane = 0u; lane < 4u; lane++) {
    let sample = block * 4u + lane;
    if (sample < arrayLength(&factors)) { factors[sample] = four[lane]; }
  }
}
