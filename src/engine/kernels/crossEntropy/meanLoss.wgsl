// Mean of the rows that count, in a fixed order; 0 when none counts.
// Buffers: loss [1], share [1] (1 / rows that count), row_loss [N], targets [N].
// One workgroup; the barriers are inside row_sum, which all lanes reach.
fn each_row(row: u32, lane: u32) {
  var total = 0.0;
  var count = 0.0;
  for (var i = lane; i < arrayLength(&row_loss); i += LANES) {
    total += row_loss[i];
    count += select(0.0, 1.0, is_counted(targets[i]));
  }
  total = row_sum(total, lane);
  count = row_sum(count, lane);
  if (lane == 0u) {
    share[0] = select(0.0, 1.0 / count, count > 0.0);
    loss[0] = total * share[0];
  }
}
