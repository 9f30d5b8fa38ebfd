// Sum of squares of one tensor, and how many elements are not finite: one pair per block, written from `offset` on.
// Buffers: partial [all blocks of all tensors], x of whole Units; uniforms: offset, blocks.
// Rows here are blocks: LANES threads stride over the tensor. Barriers are inside row_sum, which all lanes reach.
// Finite by the bits, because WGSL lets a compiler take it for granted that floats are.
fn each_row(block: u32, lane: u32) {
  var sums = Unit(0.0);
  var counts = Unit(0.0);
  for (var i = block * LANES + lane; i < arrayLength(&x); i += u.blocks * LANES) {
    let value = x[i];
    let is_finite = (bitcast<Bits>(value) & Bits(0x7f800000u)) != Bits(0x7f800000u);
    sums += select(Unit(0.0), value * value, is_finite);
    counts += select(Unit(1.0), Unit(0.0), is_finite);
  }
  let squares = row_sum(total(sums), lane);
  let broken = row_sum(total(counts), lane);
  if (lane == 0u) { partial[u.offset + block] = vec2<f32>(squares, broken); }
}
