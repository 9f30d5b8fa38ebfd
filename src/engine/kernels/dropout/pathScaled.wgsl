// Samples times their factors. One thread per unit; no barriers. Buffers: y, x, residual [B, SAMPLE], factors [B].
fn each(index: u32) { y[index] = Unit(x[index]) * factors[index / SAMPLE] + residual_at(index); }
