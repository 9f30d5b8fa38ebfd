// Cross-entropy of each row of logits.
// Buffers: row_loss [N], stats [N] (largest logit, log of the sum of exp(logit - largest)), logits [N, WIDTH],
// targets [N]. One row per LANES threads; barriers are inside row_max and row_sum, which every lane of a row reaches.
fn each_row(row: u32, lane: u32) {
  let start = row * WIDTH;
  var largest = -3.4e38;
  for (var i = lane; i < WIDTH; i += LANES) { largest = max(largest, logits[start + i]); }
  largest = row_max(largest, lane);
  var total = 0.0;
  var distance = 0.0;
  for (var i = lane; i < WIDTH; i += LANES) {
    let below = logits[start + i] - largest;
    total += exp(below);
    distance -= below;
  }
  total = row_sum(total, lane);
  if (SMOOTHING > 0.0) { distance = row_sum(distance, lane); }
  if (lane != 0u) { return; }
  let log_total = log(total);
  var loss = 0.0;
  if (is_counted(targets[row])) {
    let target_id = targets[row];
    if (target_id >= 0 && target_id < i32(WIDTH)) {
      loss = (1.0 - SMOOTHING) * (largest - logits[start + u32(target_id)] + log_total);
    }
    if (SMOOTHING > 0.0) { loss += SMOOTHING * (distance / f32(WIDTH) + log_total); }
  }
  row_loss[row] = loss;
  stats[row] = vec2<f32>(largest, log_total);
}
