// Norm from all partial results in a fixed order, and the factor min(1, MAX_NORM / (norm + 1e-6)); 1 where MAX_NORM is 0.
// Buffers: clip [2] (factor, norm), partial [any] (what a block's numbers come to, broken ones). One workgroup; the
// barriers are inside across and row_sum, which all lanes reach.
const NAN_BITS = 0x7fc00000u;
fn each_row(row: u32, lane: u32) {
  var size = 0.0;
  var broken = 0.0;
  for (var i = lane; i < arrayLength(&partial); i += LANES) {
    size = both(size, partial[i].x);
    broken += partial[i].y;
  }
  size = across(size, lane);
  broken = row_sum(broken, lane);
  if (lane != 0u) { return; }
  let norm = norm_of(size);
  let ratio = MAX_NORM / (norm + 1e-6);
  let factor = select(ratio, 1.0, MAX_NORM == 0.0 || ratio >= 1.0);
  let is_broken = broken > 0.0;
  clip[0] = bitcast<f32>(select(bitcast<u32>(factor), NAN_BITS, is_broken));
  clip[1] = bitcast<f32>(select(bitcast<u32>(norm), NAN_BITS, is_broken));
}
