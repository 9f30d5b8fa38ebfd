// The mean of the row means of each slice; 1 where it has none. Buffers: means [SLICES], all_row [any], table (see
// tables.wgsl). Rows here are slices: LANES threads share one. Barriers are inside row_sum, which all lanes reach.
fn each_row(number: u32, lane: u32) {
  let slice = slice_at(number);
  let weight = weight_at(slice.weight);
  var sum = 0.0;
  if (weight.is_factored) {
    for (var r = lane; r < weight.rows; r += LANES) { sum += all_row[weight.row + slice.index * weight.rows + r]; }
  }
  sum = row_sum(sum, lane);
  if (lane == 0u) { means[number] = select(1.0, sum / f32(weight.rows), weight.is_factored); }
}
