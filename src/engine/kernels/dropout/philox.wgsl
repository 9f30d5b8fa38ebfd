// Philox 4x32-10 (Salmon et al. 2011), word for word as in core/rng.ts. WGSL has no 64-bit product: high halves are
// put together from 16-bit parts.
fn mul_high(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u);
  let low_middle = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (low_middle >> 16u);
}

fn philox(start: vec4<u32>, start_key: vec2<u32>) -> vec4<u32> {
  var c = start;
  var key = start_key;
  for (var round = 0u; round < 10u; round++) {
    let high0 = mul_high(0xd2511f53u, c.x);
    let low0 = 0xd2511f53u * c.x;
    let high1 = mul_high(0xcd9e8d57u, c.z);
    let low1 = 0xcd9e8d57u * c.z;
    c = vec4<u32>(high1 ^ c.y ^ key.x, low1, high0 ^ c.w ^ key.y, low0);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

struct Dropout {
  key: vec2<u32>,
  threshold: u32,
  scale: f32,
}

// Factors of elements 4 · block to 4 · block + 3 at a step (low word, high word): 0 or scale.
fn dropout_factors(dropout: Dropout, step: vec2<u32>, block: u32) -> vec4<f32> {
  let words = philox(vec4<u32>(block, 0u, step.x, step.y), dropout.key);
  return select(vec4<f32>(0.0), vec4<f32>(dropout.scale), (words >> vec4<u32>(8u)) >= vec4<u32>(dropout.threshold));
}
