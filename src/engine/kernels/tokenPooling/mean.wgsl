// The mean of the tokens that count. One thread per unit of a sample; no barriers.
// Buffers: y [B, UNITS], x [B, TOKENS, UNITS], mask [B, TOKENS].
fn each(index: u32) {
  let first = index / UNITS * TOKENS;
  var sum = Unit(0.0);
  var count = 0.0;
  for (var row = first; row < first + TOKENS; row++) {
    if (!counts_at(row)) { continue; }
    sum += Unit(x[row * UNITS + index % UNITS]);
    count += 1.0;
  }
  y[index] = sum / max(count, 1.0);
}
