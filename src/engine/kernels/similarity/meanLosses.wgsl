// Means over what counts of rows, and of columns where both directions are, in a fixed order, times WEIGHT; 0 of none.
// Buffers: loss [1]; slope [1] in the log of the scale; fourth [1]; shares [2]: what one row and one column count;
// row_losses [N], column_losses [M]: (loss, slope, what it counts, a fourth number).
// One team of threads for all rows; barriers are inside reduce, which every lane reaches.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  var of_rows = vec4<f32>(0.0);
  for (var i = lane; i < arrayLength(&row_losses); i += LANES) { of_rows += row_losses[i]; }
  of_rows = reduce(of_rows, thread);
  let of_columns = column_sum(lane, thread);
  if (lane != 0u || !is_there) { return; }
  let row_share = select(0.0, WEIGHT / max(of_rows.z, 1.0), of_rows.z > 0.0);
  let column_share = select(0.0, WEIGHT / max(of_columns.z, 1.0), of_columns.z > 0.0);
  let means = of_rows * row_share + of_columns * column_share;
  loss[0] = means.x;
  slope[0] = means.y;
  fourth[0] = means.w;
  shares[0] = row_share;
  shares[1] = column_share;
}
