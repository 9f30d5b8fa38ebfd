// Sums of exp that cannot overflow: (largest x, sum of e, sum of e · (x - largest), any sum), e = exp(x - largest). An
// empty one has LEAST and zeros.
const LEAST = -1e30;
const EMPTY = vec4<f32>(LEAST, 0.0, 0.0, 0.0);
fn combine(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  let largest = max(a.x, b.x);
  let left = exp(a.x - largest);
  let right = exp(b.x - largest);
  return vec4<f32>(
    largest,
    a.y * left + b.y * right,
    left * (a.z + (a.x - largest) * a.y) + right * (b.z + (b.x - largest) * b.y),
    a.w + b.w,
  );
}
fn with_score(sums: vec4<f32>, x: f32, more: f32) -> vec4<f32> {
  let below = x - sums.x;
  if (below > 0.0) {
    let left = exp(-below);
    return vec4<f32>(x, sums.y * left + 1.0, left * (sums.z - below * sums.y), sums.w + more);
  }
  let part = exp(below);
  return sums + vec4<f32>(0.0, part, part * below, more);
}
fn log_sum(sums: vec4<f32>) -> f32 { return select(LEAST, sums.x + log(max(sums.y, 1.0)), sums.y > 0.0); }
// Of x, weighted with e; 0 for none.
fn mean_score(sums: vec4<f32>) -> f32 { return select(0.0, sums.x + sums.z / max(sums.y, 1.0), sums.y > 0.0); }

// What one row, or one column, adds up to.
struct Sums {
  hard: vec4<f32>, // negatives' scores · (1 + HARDNESS); their number
  easy: vec4<f32>, // negatives' scores · HARDNESS; the number of positives
  positives: vec4<f32>, // positives' scores; their plain sum
}
fn no_sums() -> Sums { return Sums(EMPTY, EMPTY, EMPTY); }
fn with_pair(sums: Sums, score: f32, kind: u32) -> Sums {
  var next = sums;
  if (kind == NEGATIVE) {
    next.hard = with_score(sums.hard, score * (1.0 + HARDNESS), 1.0);
    if (HARDNESS > 0.0) { next.easy = with_score(sums.easy, score * HARDNESS, 0.0); }
  } else if (kind == POSITIVE) {
    next.positives = with_score(sums.positives, score, score);
    next.easy.w += 1.0;
  }
  return next;
}
fn joined_sums(a: Sums, b: Sums) -> Sums {
  return Sums(combine(a.hard, b.hard), combine(a.easy, b.easy), combine(a.positives, b.positives));
}
