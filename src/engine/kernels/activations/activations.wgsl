// Activations and their derivatives, element by element. Beyond FAR they are 0 or x in float32: said outright, because
// exp and x³ overflow there and what misses 0 or 1 by a bit would be multiplied by a large x.
const FAR = 10.0;
const FAR_SILU = 80.0;

fn silu(x: f32) -> f32 { return select(x / (1.0 + exp(-x)), 0.0, x < -FAR_SILU); }
fn silu_slope(x: f32) -> f32 {
  let c = clamp(x, -FAR_SILU, FAR_SILU);
  let s = 1.0 / (1.0 + exp(-c));
  return select(s * (1.0 + c * (1.0 - s)), 0.0, x < -FAR_SILU);
}

// 0 far below zero, `far` far above, `near` between.
fn bend(x: f32, near: f32, far: f32) -> f32 { return select(select(near, far, x > FAR), 0.0, x < -FAR); }

// 0.5 · (1 + tanh(u)) is 1 / (1 + exp(-2u)): one exponential, where compilers make two of a tanh. Between -FAR and FAR it
// does not overflow.
const ROOT_2_OVER_PI = 0.7978845608028654;
fn tanh_share(c: f32) -> f32 { return 1.0 / (1.0 + exp(-2.0 * ROOT_2_OVER_PI * (c + 0.044715 * c * c * c))); }
fn gelu_tanh(x: f32) -> f32 {
  let c = clamp(x, -FAR, FAR);
  return bend(x, c * tanh_share(c), x);
}
fn gelu_tanh_slope(x: f32) -> f32 {
  let c = clamp(x, -FAR, FAR);
  let share = tanh_share(c);
  let inner_slope = 2.0 * ROOT_2_OVER_PI * (1.0 + 3.0 * 0.044715 * c * c);
  return bend(x, share + c * share * (1.0 - share) * inner_slope, 1.0);
}

// Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7: tfjs's erf, so that twins and kernels agree.
fn error_function(x: f32) -> f32 {
  let a = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return sign(x) * (1.0 - series * exp(-a * a));
}
fn normal_share(c: f32) -> f32 { return 0.5 * (1.0 + error_function(c * 0.7071067811865476)); }
fn gelu_exact(x: f32) -> f32 {
  let c = clamp(x, -FAR, FAR);
  return bend(x, c * normal_share(c), x);
}
fn gelu_exact_slope(x: f32) -> f32 {
  let c = clamp(x, -FAR, FAR);
  return bend(x, normal_share(c) + c * 0.3989422804014327 * exp(-0.5 * c * c), 1.0);
}

fn quick_gelu(x: f32) -> f32 { return silu(1.702 * x) / 1.702; }
fn quick_gelu_slope(x: f32) -> f32 { return silu_slope(1.702 * x); }

fn relu(x: f32) -> f32 { return max(x, 0.0); }
fn relu_slope(x: f32) -> f32 { return select(0.0, 1.0, x > 0.0); }
fn relu_squared(x: f32) -> f32 { return relu(x) * relu(x); }
fn relu_squared_slope(x: f32) -> f32 { return 2.0 * relu(x); }
