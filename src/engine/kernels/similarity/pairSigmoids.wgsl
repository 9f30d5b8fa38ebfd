// Loss of each row of pairs; the similarities become its gradient with respect to them where it is wanted.
// Buffers: scores [rows, COLUMNS], in place; losses [rows]: (loss, slope of the log of the scale, 1, slope of the bias);
// those of the kinds; bias [1] where it is learned. A team of threads a row; barriers are inside reduce.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }
// 1 + x rounds away what a small x adds, and most pairs are small.
fn log_of_more(x: f32) -> f32 {
  return select(log(1.0 + x), x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * 0.25))), x < 0.03);
}

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let start = row * COLUMNS;
  let factor = scale();
  var sums = vec4<f32>(0.0);
  for (var i = lane; i < COLUMNS; i += LANES) {
    let kind = kind_of(row, i);
    let score = scores[start + i] * factor;
    let side = select(-1.0, 1.0, kind == POSITIVE);
    let margin = side * (score + bias());
    let rest = exp(-abs(margin));
    let weight = select(1.0, 0.0, kind == NEITHER);
    let slope = -weight * side * select(1.0, rest, margin > 0.0) / (1.0 + rest);
    sums += vec4<f32>(weight * (max(-margin, 0.0) + log_of_more(rest)), slope * score, 0.0, slope);
    if (IS_TAPED && is_there) { scores[start + i] = slope * factor * SHARE; }
  }
  sums = reduce(sums, thread);
  if (lane == 0u && is_there) { losses[row] = vec4<f32>(sums.xy, 1.0, sums.w); }
}
