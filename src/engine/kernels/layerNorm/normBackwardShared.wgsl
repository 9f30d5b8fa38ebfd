// Gradients of the normalisation: LANES threads a row, which they hold in registers; they take a block of rows one after
// another and add up, in registers too, what those give to gain and bias.
// Buffers: dx [N, UNITS], partial [blocks, 2, UNITS] (sums over the block for gain, then bias) where there is a gain or
// bias, dy, x [N, UNITS], stats [N] (mean, 1 / deviation), gain [UNITS] and residual [N, UNITS] where there.
// Dispatch: THREADS / LANES blocks a workgroup. Barriers are inside row_sums, which every thread reaches as often:
// rows past the end are read as the last one and count for nothing.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let rows = arrayLength(&stats);
  let block_rows = clamp((rows + 1023u) / 1024u, 4u, 32u); // as backwardBlocks
  let block = (group.x + group.y * groups.x) * (THREADS / LANES) + thread / LANES;
  var gain_sums: array<Unit, HELD>;
  var bias_sums: array<Unit, HELD>;
  for (var r = 0u; r < block_rows; r++) {
    let wanted = block * block_rows + r;
    let row = min(wanted, rows - 1u);
    let mean = stats[row].x;
    let scale = stats[row].y;
    var normals: array<Unit, HELD>;
    var slopes: array<Unit, HELD>;
    var sums = Unit(0.0);
    var aligned = Unit(0.0);
    for (var k = 0u; k < HELD; k++) {
      let i = lane + k * LANES;
      if (i < UNITS) {
        normals[k] = (Unit(x[row * UNITS + i]) - mean) * scale;
        let d = Unit(dy[row * UNITS + i]);
        slopes[k] = d * gain_at(i);
        sums += slopes[k];
        aligned += slopes[k] * normals[k];
        if (wanted == row) {
          gain_sums[k] += d * normals[k];
          bias_sums[k] += d;
        }
      }
    }
    let means = row_sums(vec2<f32>(total(sums), total(aligned)), thread) / f32(WIDTH);
    let mean_d = select(0.0, means.x, IS_CENTRED);
    for (var k = 0u; k < HELD; k++) {
      let i = lane + k * LANES;
      let at = row * UNITS + i;
      if (i < UNITS && wanted == row) {
        dx[at] = Stored((slopes[k] - mean_d - normals[k] * means.y) * scale + residual_at(at));
      }
    }
  }
  if (block * block_rows >= rows) { return; }
  for (var k = 0u; k < HELD; k++) {
    let i = lane + k * LANES;
    if (i < UNITS) { put_partial(block, i, gain_sums[k], bias_sums[k]); }
  }
}
