// All matrices moved along their directions, in place. One thread a number; no barriers.
// Buffers: parameter, directions [any], table (see matrixAt), clip [2]; uniforms: moment [groups, numbers].
fn each(i: u32) {
  let matrix = matrix_at(i);
  if (matrix.number >= matrix.size || !is_finite_bits(clip[1])) { return; }
  NUMBERS
  let at = matrix.parameter + matrix.number;
  parameter[at] = kept * parameter[at] + forward * directions[matrix.stacked];
}
