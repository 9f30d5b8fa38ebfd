// Cross-entropy of each row of logits, and what its gradient needs.
// Buffers: row_loss [N], stats [N] (largest logit, log of the sum of exp(logit - largest)), logits [N, UNITS],
// targets [N]. A team of threads a row; barriers are inside row_state, which every lane reaches.
fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let state = row_state(row, lane, thread);
  if (lane != 0u || !is_there) { return; }
  row_loss[row] = state.loss;
  stats[row] = vec2<f32>(state.largest, state.log_total);
}
