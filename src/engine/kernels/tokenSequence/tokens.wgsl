// The gradient without the rows of the prefix. One thread per unit; no barriers.
// Buffers: dx [BATCH, LENGTH - PREFIX, UNITS], dy [BATCH, LENGTH, UNITS].
fn each(index: u32) {
  let row = index / UNITS;
  let sample = row / (LENGTH - PREFIX);
  dx[index] = dy[((sample + 1u) * PREFIX + row) * UNITS + index % UNITS];
}
