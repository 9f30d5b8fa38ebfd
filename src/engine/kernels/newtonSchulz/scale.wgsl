// Each matrix of a stack divided by its length, which is at least LEAST. One thread a number; no barriers.
// Buffers: y and x [matrices, SIZE], partial [matrices, BLOCKS] (sums of squares), added up in their order.
fn each(i: u32) {
  let first = (i / SIZE) * BLOCKS;
  var squares = 0.0;
  for (var b = 0u; b < BLOCKS; b++) { squares += partial[first + b]; }
  y[i] = x[i] / max(sqrt(squares), LEAST);
}
