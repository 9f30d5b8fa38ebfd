// Gradients of the normalisation, for adapters where barriers are slow: a block of BLOCK rows a thread, no barriers.
// Buffers: dx [N, UNITS], partial [blocks, 2, UNITS] (sums over the block for gain, then bias) where there is a gain or
// bias, dy, x [N, UNITS], stats [N] (mean, 1 / deviation), gain [UNITS] and residual [N, UNITS] where there.
// Dispatch: 32 blocks a workgroup. Inner loops have no constant ends: software adapters would unroll them, and compile for
// seconds.
@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32) {
  let block = (group.x + group.y * groups.x) * 32u + thread;
  let first = block * BLOCK;
  let rows = arrayLength(&stats);
  if (first >= rows) { return; }
  let count = min(BLOCK, rows - first);
  var means: array<vec2<f32>, BLOCK>; // of dy · gain, and of that times the normalised row
  for (var r = 0u; r < count; r++) {
    let start = (first + r) * UNITS;
    let mean = stats[first + r].x;
    var sums = Unit(0.0);
    var aligned = Unit(0.0);
    for (var at = start; at < start + UNITS; at++) {
      let d = Unit(dy[at]) * gain_at(at - start);
      sums += d;
      aligned += d * (Unit(x[at]) - mean);
    }
    means[r] = vec2<f32>(total(sums), total(aligned) * stats[first + r].y) / f32(WIDTH);
  }
  for (var i = 0u; i < UNITS; i++) {
    let gain_here = gain_at(i);
    var gain_sum = Unit(0.0);
    var bias_sum = Unit(0.0);
    for (var r = 0u; r < count; r++) {
      let at = (first + r) * UNITS + i;
      let row = stats[first + r];
      let normal = (Unit(x[at]) - row.x) * row.y;
      let d = Unit(dy[at]);
      gain_sum += d * normal;
      bias_sum += d;
      let mean_d = select(0.0, means[r].x, IS_CENTRED);
      dx[at] = Stored((d * gain_here - mean_d - normal * means[r].y) * row.y + residual_at(at));
    }
    put_partial(block, i, gain_sum, bias_sum);
  }
}
