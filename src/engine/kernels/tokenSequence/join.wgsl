// Each sample's tokens behind the prefix, plus positions. One thread per unit; no barriers.
// Buffers: y [BATCH, LENGTH, UNITS], x [BATCH, LENGTH - PREFIX, UNITS], prefix [PREFIX, UNITS],
// positions [FIRST + LENGTH - PREFIX, UNITS].
fn each(index: u32) {
  let unit = index % UNITS;
  let token = index / UNITS % LENGTH;
  let sample = index / (UNITS * LENGTH);
  if (token < PREFIX) {
    var value = prefix_at(token * UNITS + unit);
    if (token < FIRST) { value += position_at(token * UNITS + unit); }
    y[index] = value;
  } else {
    let own = token - PREFIX;
    y[index] = Unit(x[(sample * (LENGTH - PREFIX) + own) * UNITS + unit]) + position_at((FIRST + own) * UNITS + unit);
  }
}
