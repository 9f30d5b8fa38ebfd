// Sums over the samples for what all of them share, in ascending order. One thread per unit of the prefix, then of the
// positions; no barriers, no atomics.
// Buffers: prefix_gradient [PREFIX, UNITS], positions_gradient [FIRST + LENGTH - PREFIX, UNITS], dy [BATCH, LENGTH, UNITS].
fn each(index: u32) {
  let unit = index % UNITS;
  let row = index / UNITS;
  let place = row - min(row, PREFIX);
  let token = select(select(place - FIRST + PREFIX, place, place < FIRST), row, row < PREFIX);
  var sum = Unit(0.0);
  for (var sample = 0u; sample < BATCH; sample++) { sum += Unit(dy[(sample * LENGTH + token) * UNITS + unit]); }
  if (row < PREFIX) { put_prefix(index, sum); } else { put_position(index - PREFIX * UNITS, sum); }
}
