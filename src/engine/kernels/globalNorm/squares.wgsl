// Sum of squares of one tensor: one partial sum per workgroup, written from `offset` on.
// Buffers: partial [all blocks of all tensors], x of any length; uniforms: offset, blocks.
// Rows here are blocks: LANES threads stride over the tensor. Barriers are inside row_sum, which all lanes reach.
fn each_row(block: u32, lane: u32) {
  var total = 0.0;
  for (var i = block * LANES + lane; i < arrayLength(&x); i += u.blocks * LANES) { total += x[i] * x[i]; }
  total = row_sum(total, lane);
  if (lane == 0u) { partial[u.offset + block] = total; }
}
