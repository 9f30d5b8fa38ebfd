// One optimizer step on four neighbouring numbers of a page of weights, in place. One thread each; no barriers.
// Buffers: parameter [any], all_<slot> and gradient [QUADS], places [QUADS / 32] (block of 32 in parameter, group),
// clip [2] (factor, norm); uniforms: moment [groups, numbers].
fn each(i: u32) {
  // A broken gradient must not break the weights: the run stops here, and they are still good.
  if (!is_finite_bits(clip[1])) { return; }
  let place = places[i / 32u];
  let p_at = place.x * 32u + i % 32u;
  let g = gradient[i] * clip[0];
  var p = parameter[p_at];
  UPDATE
  parameter[p_at] = p;
}
