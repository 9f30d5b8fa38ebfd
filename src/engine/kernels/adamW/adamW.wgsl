// AdamW in place, one element per thread; no barriers.
// Buffers: parameter, m, v, gradient of one length, clip [1].
fn each(i: u32) {
  let g = gradient[i] * clip[0];
  let new_m = m[i] * u.beta1 + g * u.one_minus_beta1;
  let new_v = v[i] * u.beta2 + g * g * u.one_minus_beta2;
  m[i] = new_m;
  v[i] = new_v;
  let direction = new_m * u.m_correction / (sqrt(new_v * u.v_correction) + u.epsilon);
  parameter[i] = parameter[i] * u.decay - direction * u.learning_rate;
}
