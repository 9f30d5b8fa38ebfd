// Means over rows with positives, in a fixed order, times WEIGHT; 0 when there are none.
// Buffers: loss [1], share [1] (WEIGHT / rows that count), slope [1] (of the log of the scale), terms [N].
// One team of threads for all rows; barriers are inside reduce, which every lane reaches.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  var sums = vec4<f32>(0.0);
  for (var i = lane; i < arrayLength(&terms); i += LANES) {
    let term = terms[i];
    sums += vec4<f32>(term.x, term.w, select(0.0, 1.0, term.z > 0.0), 0.0);
  }
  sums = reduce(sums, thread);
  if (lane != 0u || !is_there) { return; }
  let part = select(0.0, WEIGHT / sums.z, sums.z > 0.0);
  share[0] = part;
  loss[0] = sums.x * part;
  slope[0] = sums.y * part;
}
