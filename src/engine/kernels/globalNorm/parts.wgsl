// What the numbers of one tensor come to in a norm (the sum of their squares, say), and how many of them are not finite:
// one pair per block, written from `offset` on.
// Buffers: partial [all blocks of all tensors], x of whole Units; uniforms: offset, blocks.
// Rows here are blocks: LANES threads stride over the tensor. Barriers are inside across and row_sum, which all lanes
// reach. Finite by the bits, because WGSL lets a compiler take it for granted that floats are.
fn each_row(block: u32, lane: u32) {
  var sizes = Unit(0.0);
  var counts = Unit(0.0);
  for (var i = block * LANES + lane; i < arrayLength(&x); i += u.blocks * LANES) {
    let value = x[i];
    let is_finite = (bitcast<Bits>(value) & Bits(0x7f800000u)) != Bits(0x7f800000u);
    sizes = joined(sizes, select(Unit(0.0), measured(value), is_finite));
    counts += select(Unit(1.0), Unit(0.0), is_finite);
  }
  let size = across(within(sizes), lane);
  let broken = row_sum(total(counts), lane);
  if (lane == 0u) { partial[u.offset + block] = vec2<f32>(size, broken); }
}
