// Mean of the rows that count, in a fixed order; 0 when none counts.
// Buffers: loss [1], share [1] (1 / rows that count), row_loss [N], targets [N].
// One team of threads for all rows; barriers are inside reduce, which every lane reaches.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  var sums = vec4<f32>(0.0);
  for (var i = lane; i < arrayLength(&row_loss); i += LANES) {
    sums += vec4<f32>(row_loss[i], select(0.0, 1.0, is_counted(targets[i])), 0.0, 0.0);
  }
  sums = reduce(sums, thread);
  if (lane != 0u || !is_there) { return; }
  let part = select(0.0, 1.0 / sums.y, sums.y > 0.0);
  share[0] = part;
  loss[0] = sums.x * part;
}
