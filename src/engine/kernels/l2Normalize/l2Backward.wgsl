// Gradient of rows divided by their length: (dy - y (y · dy)) / length; of rows divided by a constant, whose scale is
// negative: dy / constant.
// Buffers: dx [N, UNITS], dy [N, UNITS], y [N, UNITS], scales [N]. A team of threads a row; barriers are inside reduce.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let start = row * UNITS;
  var products = Unit(0.0);
  for (var i = lane; i < UNITS; i += LANES) { products += Unit(dy[start + i]) * Unit(y[start + i]); }
  let along = reduce(vec4<f32>(total(products), 0.0, 0.0, 0.0), thread).x;
  if (!is_there) { return; }
  let scale = abs(scales[row]);
  let turned = select(along, 0.0, scales[row] < 0.0);
  for (var i = lane; i < UNITS; i += LANES) {
    dx[start + i] = Stored((Unit(dy[start + i]) - Unit(y[start + i]) * turned) * scale);
  }
}
