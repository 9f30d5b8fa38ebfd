// Sum of squares of one tensor, and how many elements are not finite: one pair per workgroup, written from `offset` on.
// Buffers: partial [all blocks of all tensors], x of any length; uniforms: offset, blocks.
// Rows here are blocks: LANES threads stride over the tensor. Barriers are inside row_sum, which all lanes reach.
fn each_row(block: u32, lane: u32) {
  var squares = 0.0;
  var broken = 0.0;
  for (var i = block * LANES + lane; i < arrayLength(&x); i += u.blocks * LANES) {
    let value = x[i];
    if (is_finite_bits(value)) { squares += value * value; } else { broken += 1.0; }
  }
  squares = row_sum(squares, lane);
  broken = row_sum(broken, lane);
  if (lane == 0u) { partial[u.offset + block] = vec2<f32>(squares, broken); }
}
