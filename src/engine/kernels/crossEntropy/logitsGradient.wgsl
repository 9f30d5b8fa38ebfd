// Gradient of the mean cross-entropy with respect to the logits: (softmax - wanted) · dy / rows that count.
// Buffers: gradient [N, WIDTH], logits [N, WIDTH], targets [N], stats [N] (largest, log of sum), share [1], dy [1].
// One element per thread. No barriers.
fn each(index: u32) {
  let row = index / WIDTH;
  let target_id = targets[row];
  if (!is_counted(target_id)) {
    gradient[index] = 0.0;
    return;
  }
  let probability = exp(logits[index] - stats[row].x - stats[row].y);
  let has_target = target_id >= 0 && target_id < i32(WIDTH);
  let is_target = has_target && u32(target_id) == index % WIDTH;
  let mass = select(0.0, 1.0 - SMOOTHING, has_target) + SMOOTHING;
  let wanted = select(0.0, 1.0 - SMOOTHING, is_target) + SMOOTHING / f32(WIDTH);
  gradient[index] = (probability * mass - wanted) * share[0] * dy[0];
}
