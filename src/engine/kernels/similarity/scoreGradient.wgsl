// Similarities become the gradient of the loss with respect to them, in place.
// Buffers: scores [rows, COLUMNS], terms [rows], share [1], dy [1], ids, log_scale [1] where it is learned. Uniform:
// first_row of the chunk. A team of threads a row. No barriers.
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> { return a + b; }

fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  if (!is_there) { return; }
  let start = row * COLUMNS;
  let term = terms[row];
  let factor = scale();
  let outer = select(0.0, share[0] * dy[0] * factor, term.z > 0.0);
  for (var i = lane; i < COLUMNS; i += LANES) {
    let probability = select(0.0, exp(min(scores[start + i] * factor - term.y, 0.0)), is_allowed(row, i));
    scores[start + i] = (probability - select(0.0, term.z, is_positive(row, i))) * outer;
  }
}
