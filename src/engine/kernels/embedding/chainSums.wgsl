// Sums of dy along the chains of each block. One thread per unit; no barriers, no atomics.
// Buffers: sums [blocks, ROWS, UNITS], dy [N, UNITS], heads [blocks, ROWS], next [N].
fn each(index: u32) {
  let i = index % UNITS;
  var sum = Unit(0.0);
  for (var n = heads[index / UNITS]; n < arrayLength(&next); n = next[n]) { sum += Unit(dy[n * UNITS + i]); }
  sums[index] = sum;
}
