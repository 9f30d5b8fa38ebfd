// Log-sum-exp and cross-entropy of a row of logits. Each thread goes over its units twice, the second time with the
// largest of its own, and all are joined once: (largest, sum of exp(logit - largest), sum of largest - logit, numbers).
// Buffers: logits [N, UNITS], targets [N]. Barriers are inside reduce, which every lane reaches.
struct RowState { largest: f32, log_total: f32, loss: f32 }

fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let largest = max(a.x, b.x);
  return vec4<f32>(
    largest,
    a.y * exp(a.x - largest) + b.y * exp(b.x - largest),
    a.z + a.w * (largest - a.x) + b.z + b.w * (largest - b.x),
    a.w + b.w,
  );
}

/** An index that no column has for targets that are none. */
fn target_column(row: u32) -> u32 {
  let target_id = targets[row];
  return select(0xffffffffu, u32(target_id), target_id >= 0 && target_id < i32(WIDTH));
}

fn row_state(row: u32, lane: u32, thread: u32) -> RowState {
  let start = row * UNITS;
  let wanted = target_column(row);
  // Before the barriers: the caller may write over the logits afterwards.
  let target_logit = logit_at(row * WIDTH + min(wanted, WIDTH - 1u));
  var peak = Unit(-3e38);
  for (var i = lane; i < UNITS; i += LANES) { peak = max(peak, Unit(logits[start + i])); }
  let largest = largest_of(peak);
  var sum = Unit(0.0);
  var distance = Unit(0.0);
  var numbers = 0.0;
  for (var i = lane; i < UNITS; i += LANES) {
    let below = Unit(logits[start + i]) - largest;
    sum += exp(below);
    distance -= below;
    numbers += f32(WIDTH / UNITS);
  }
  let row_values = reduce(vec4<f32>(largest, total(sum), total(distance), numbers), thread);
  let log_total = log(row_values.y);
  var loss = 0.0;
  if (is_counted(targets[row])) {
    if (wanted < WIDTH) { loss = (1.0 - SMOOTHING) * (row_values.x - target_logit + log_total); }
    if (SMOOTHING > 0.0) { loss += SMOOTHING * (row_values.z / f32(WIDTH) + log_total); }
  }
  return RowState(row_values.x, log_total, loss);
}

/** Gradient of a unit of a row's logits with respect to the row's loss: softmax - wanted. */
fn unit_gradient(logit: Unit, unit: u32, wanted: u32, shift: vec2<f32>) -> Unit {
  let mass = select(0.0, 1.0 - SMOOTHING, wanted < WIDTH) + SMOOTHING;
  let hit = select(Unit(0.0), Unit(1.0 - SMOOTHING), columns_of(unit) == Columns(wanted));
  return exp(logit - shift.x - shift.y) * mass - hit - SMOOTHING / f32(WIDTH);
}
