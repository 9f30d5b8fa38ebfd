// The gradient of a mean in equal parts to the tokens that count. One thread per unit of a token; no barriers.
// Buffers: dx [B, TOKENS, UNITS], dy [B, UNITS], mask [B, TOKENS].
fn each(index: u32) {
  let row = index / UNITS;
  let sample = row / TOKENS;
  var count = 0.0;
  for (var other = sample * TOKENS; other < (sample + 1u) * TOKENS; other++) {
    if (counts_at(other)) { count += 1.0; }
  }
  let share = Unit(dy[sample * UNITS + index % UNITS]) / max(count, 1.0);
  dx[index] = select(Unit(0.0), share, counts_at(row));
}
