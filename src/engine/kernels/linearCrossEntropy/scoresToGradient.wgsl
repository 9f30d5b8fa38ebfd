// Cross-entropy of each row of logits, which become the gradient of their row's loss where it is wanted.
// Buffers: logits [N, UNITS], in place; row_loss [N], targets [N]. A team of threads a row; barriers are inside
// row_state, which every lane reaches and which comes before a lane writes over its own units.
fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let state = row_state(row, lane, thread);
  if (!is_there) { return; }
  if (IS_TAPED) {
    let start = row * UNITS;
    let wanted = target_column(row);
    let weight = select(0.0, 1.0, is_counted(targets[row]));
    for (var i = lane; i < UNITS; i += LANES) {
      let slope = unit_gradient(Unit(logits[start + i]), i, wanted, vec2<f32>(state.largest, state.log_total));
      logits[start + i] = Stored(slope * weight);
    }
  }
  if (lane == 0u) { row_loss[row] = state.loss; }
}
