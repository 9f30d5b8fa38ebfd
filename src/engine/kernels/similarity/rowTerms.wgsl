// Loss of each row of similarities, log-sum-exp, 1 / positives (0 without any), slope in the log of the scale.
// Buffers: terms [rows], scores [rows, COLUMNS], ids, log_scale [1] where it is learned. Uniform: first_row of the
// chunk. A team of threads a row; barriers are inside reduce. Reduced: (largest, sum of exp, sum of exp · distance) and
// (sum of positives, their number).
// Which of the two is being joined; the same in all threads.
var<private> is_summing: bool = false;
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  if (is_summing) { return a + b; }
  let largest = max(a.x, b.x);
  let left = exp(a.x - largest);
  let right = exp(b.x - largest);
  return vec4<f32>(
    largest,
    a.y * left + b.y * right,
    left * (a.z + (a.x - largest) * a.y) + right * (b.z + (b.x - largest) * b.y),
    0.0,
  );
}

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let start = row * COLUMNS;
  let factor = scale();
  var largest = -1e30;
  var positives = vec4<f32>(0.0);
  for (var i = lane; i < COLUMNS; i += LANES) {
    let score = scores[start + i] * factor;
    if (is_allowed(row, i)) { largest = max(largest, score); }
    if (is_positive(row, i)) { positives += vec4<f32>(score, 1.0, 0.0, 0.0); }
  }
  var sums = vec2<f32>(0.0);
  for (var i = lane; i < COLUMNS; i += LANES) {
    if (is_allowed(row, i)) {
      let below = scores[start + i] * factor - largest;
      let share = exp(below);
      sums += vec2<f32>(share, share * below);
    }
  }
  let joined = reduce(vec4<f32>(largest, sums, 0.0), thread);
  is_summing = true;
  let found = reduce(positives, thread);
  if (lane != 0u || !is_there) { return; }
  if (found.y == 0.0) {
    terms[row] = vec4<f32>(0.0);
    return;
  }
  let mean = found.x / found.y;
  let log_sum = joined.x + log(joined.y);
  terms[row] = vec4<f32>(log_sum - mean, log_sum, 1.0 / found.y, joined.z / joined.y + joined.x - mean);
}
