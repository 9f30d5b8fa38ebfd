// Square root of the sum of all partial sums, in a fixed order.
// Buffers: norm [1], partial [any]. One workgroup; barriers are inside row_sum, which all lanes reach.
fn each_row(row: u32, lane: u32) {
  var total = 0.0;
  for (var i = lane; i < arrayLength(&partial); i += LANES) { total += partial[i]; }
  total = row_sum(total, lane);
  if (lane == 0u) { norm[row] = sqrt(total); }
}
