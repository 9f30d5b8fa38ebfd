// Sums of squares of each matrix of a stack, in BLOCKS parts: one number a workgroup.
// Buffers: partial [matrices, BLOCKS], x [matrices, SIZE]. Rows here are parts: LANES threads stride over the matrix.
// Barriers are inside row_sum, which all lanes reach.
fn each_row(row: u32, lane: u32) {
  let first = (row / BLOCKS) * SIZE;
  var squares = 0.0;
  for (var i = (row % BLOCKS) * LANES + lane; i < SIZE; i += BLOCKS * LANES) {
    squares += x[first + i] * x[first + i];
  }
  squares = row_sum(squares, lane);
  if (lane == 0u) { partial[row] = squares; }
}
