// Layer or RMS normalisation of rows: LANES threads a row, which they hold in registers.
// Buffers: y [N, UNITS], stats [N] (mean, 1 / deviation), x [N, UNITS], gain and bias [UNITS] where there.
// Dispatch: THREADS / LANES rows a workgroup. Barriers are inside row_sums, which every thread reaches: rows past the
// end are read as the last one and not written.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let wanted = (group.x + group.y * groups.x) * (THREADS / LANES) + thread / LANES;
  let row = min(wanted, arrayLength(&stats) - 1u);
  let start = row * UNITS;
  var held: array<Unit, HELD>;
  var sums = Unit(0.0);
  for (var k = 0u; k < HELD; k++) {
    let i = lane + k * LANES;
    if (i < UNITS) { held[k] = Unit(x[start + i]); }
    sums += held[k];
  }
  var mean = 0.0;
  if (IS_CENTRED) { mean = row_sums(vec2<f32>(total(sums), 0.0), thread).x / f32(WIDTH); }
  var squares = Unit(0.0);
  for (var k = 0u; k < HELD; k++) {
    let away = held[k] - mean;
    if (lane + k * LANES < UNITS) { squares += away * away; }
  }
  let scale = inverseSqrt(row_sums(vec2<f32>(total(squares), 0.0), thread).x / f32(WIDTH) + EPSILON);
  if (wanted != row) { return; }
  for (var k = 0u; k < HELD; k++) {
    let i = lane + k * LANES;
    if (i < UNITS) { y[start + i] = Stored((held[k] - mean) * scale * gain_at(i) + bias_at(i)); }
  }
  if (lane == 0u) { stats[row] = vec2<f32>(mean, scale); }
}
