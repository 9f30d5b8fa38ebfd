// min(1, max_norm / (norm + 1e-6)), and NaN for a norm that is NaN. Buffers: factor [1], norm [1].
fn each(index: u32) {
  let ratio = u.max_norm / (norm[index] + 1e-6);
  factor[index] = select(ratio, 1.0, ratio >= 1.0);
}
