// Gradients of gain and bias from the blocks of the backward pass: LANES threads a column, each over every LANES-th
// block, then those in order.
// Buffers: gain_gradient, bias_gradient [WIDTH] where there, partial [blocks, 2, WIDTH].
// Dispatch: 64 / LANES columns a workgroup. 512 bytes of workgroup memory where LANES is not 1; the barrier is reached
// by every thread: columns past the end are read as the last one and not written.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let across = 64u / LANES;
  let wanted = group.x * across + thread % across;
  let column = min(wanted, WIDTH - 1u);
  let blocks = arrayLength(&partial) / (2u * WIDTH);
  var sums = vec2<f32>(0.0);
  for (var block = thread / across; block < blocks; block += LANES) {
    sums += vec2<f32>(partial[block * 2u * WIDTH + column], partial[(block * 2u + 1u) * WIDTH + column]);
  }
  sums = lane_sums(sums, thread, across);
  if (thread >= across || wanted >= WIDTH) { return; }
  put_gain(column, sums.x);
  put_bias(column, sums.y);
}
