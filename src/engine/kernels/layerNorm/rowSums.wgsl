// Two sums over the LANES threads of a row, the same bits in all of them: a tree of fours.
// 8 · THREADS bytes of workgroup memory. Every thread of the workgroup has to call it.
var<workgroup> row_values: array<vec2<f32>, THREADS>;
fn row_sums(value: vec2<f32>, thread: u32) -> vec2<f32> {
  let lane = thread % LANES;
  row_values[thread] = value;
  var width = LANES;
  while (width > 1u) {
    let step = (width + 3u) / 4u;
    workgroupBarrier();
    if (lane < step) {
      var sum = row_values[thread];
      for (var k = 1u; k < 4u; k++) {
        if (lane + k * step < width) { sum += row_values[thread + k * step]; }
      }
      row_values[thread] = sum;
    }
    width = step;
  }
  workgroupBarrier();
  let result = row_values[thread - lane];
  workgroupBarrier();
  return result;
}
