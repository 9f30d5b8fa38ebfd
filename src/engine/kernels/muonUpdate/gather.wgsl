// The running means of the gradients of all matrices, in place, and the directions to make orthogonal, as stacks.
// One thread a number; no barriers. Buffers: all_m, directions, gradient [any], table (see matrixAt), clip [2].
fn each(i: u32) {
  let matrix = matrix_at(i);
  if (matrix.number >= matrix.size) { return; }
  let g = gradient[matrix.gradient + matrix.number] * clip[0];
  let at = matrix.m + matrix.number;
  let m = MOMENTUM * all_m[at] + FRESH * g;
  // A broken gradient must not break what is kept.
  if (is_finite_bits(clip[1])) { all_m[at] = m; }
  directions[matrix.stacked] = select(m, MOMENTUM * m + FRESH * g, IS_NESTEROV);
}
