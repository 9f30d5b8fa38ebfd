// Gradient of the mean cross-entropy with respect to the logits: (softmax - wanted) · dy / rows that count.
// Buffers: gradient [N, UNITS], logits [N, UNITS], targets [N], stats [N] (largest, log of sum), share [1], dy [1].
// A team of threads a row, so that what belongs to the row is read once. No barriers.
fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  if (!is_there) { return; }
  let start = row * UNITS;
  let wanted = target_column(row);
  let shift = stats[row];
  let scale = select(0.0, share[0] * dy[0], is_counted(targets[row]));
  for (var i = lane; i < UNITS; i += LANES) {
    gradient[start + i] = Stored(unit_gradient(Unit(logits[start + i]), i, wanted, shift) * scale);
  }
}
