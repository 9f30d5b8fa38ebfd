// From the sums of a row to its loss and to what its gradient is made of. For a column the same.
struct Terms {
  log_hard: f32, // logarithm of the sum over negatives of exp of (1 + HARDNESS) · score
  log_easy: f32, // of HARDNESS · score
  push: f32, // slope of the loss in the logarithm of the negatives' weighted sum
  share: f32, // what a positive counts; 0 in a row that does not count
  pull: f32, // the same times the row's factor
  // Logarithm of the denominator, in two parts as the largest alone may be all of it: ALL positives are in it, and what
  // the row counts is taken off. Else that of the negatives' weighted sum, and their number.
  base: f32,
  rest: f32,
  only: f32, // 1 where there is one positive
}
fn kept_first(terms: Terms) -> vec4<f32> { return vec4<f32>(terms.log_hard, terms.log_easy, terms.push, terms.share); }
fn kept_last(terms: Terms) -> vec4<f32> { return vec4<f32>(terms.pull, terms.base, terms.rest, terms.only); }
fn terms_of(first: vec4<f32>, last: vec4<f32>) -> Terms {
  return Terms(first.x, first.y, first.z, first.w, last.x, last.y, last.z, last.w);
}
fn is_counted(sums: Sums) -> bool { return sums.easy.w > 0.0 && (DENOMINATOR != NONE || sums.hard.w > 0.0); }

// Nothing of a row that does not count: every exp is 0.
fn no_terms() -> Terms { return Terms(-LEAST, -LEAST, 0.0, 0.0, 0.0, 0.0, -LEAST, 0.0); }

// Of an own denominator `push` is 0 as yet: it takes a second look at the positives.
fn terms_from(sums: Sums, factor: f32) -> Terms {
  if (!is_counted(sums)) { return no_terms(); }
  let number = sums.hard.w;
  let log_hard = log_sum(sums.hard);
  let log_easy = log_sum(sums.easy);
  let counts = select(1.0, sums.easy.w, COUNTS_PAIRS);
  let share = counts / sums.easy.w;
  let only = select(0.0, 1.0, sums.easy.w == 1.0);
  var negatives = sums.hard;
  if (HARDNESS > 0.0 && number > 0.0) {
    negatives = vec4<f32>(log_hard - log_easy + log(number), 1.0, 0.0, number);
  }
  if (DENOMINATOR == ALL) {
    let all = combine(sums.positives, negatives);
    let push = counts * exp(log_sum(negatives) - all.x) / all.y;
    return Terms(log_hard, log_easy, push, share, share * factor, all.x, log(all.y) - log(counts), only);
  }
  let push = select(counts, 0.0, DENOMINATOR == OWN);
  return Terms(log_hard, log_easy, push, share, share * factor, log_sum(negatives), number, only);
}
// Whether a positive is nearer than all negatives.
fn is_found(sums: Sums) -> bool { return sums.positives.x * (1.0 + HARDNESS) > sums.hard.x; }
// (loss, slope in the log of the scale, what it counts, the same where it is found). `own`: sums over positives of what own_denominator gives
// first, and of its slope in the scale that does not go by the negatives.
fn loss_of(sums: Sums, terms: Terms, own: vec2<f32>) -> vec4<f32> {
  if (terms.share == 0.0) { return vec4<f32>(0.0); }
  let counts = terms.share * sums.easy.w;
  let found = select(0.0, counts, is_found(sums));
  let pulled = terms.pull * sums.positives.w;
  let pushed = terms.push * (mean_score(sums.hard) - mean_score(sums.easy));
  if (DENOMINATOR == OWN) {
    let more = (terms.share - terms.pull) * sums.positives.w;
    return vec4<f32>(terms.share * own.x + more, terms.share * own.y + pushed + more, counts, found);
  }
  if (DENOMINATOR == NONE) { return vec4<f32>(counts * terms.base - pulled, pushed - pulled, counts, found); }
  let loss = counts * terms.base - pulled + counts * (terms.rest + log(counts));
  if (terms.only > 0.0) {
    return vec4<f32>(loss, pushed + (terms.share - terms.pull - terms.push) * sums.positives.w, counts, found);
  }
  let part = exp(sums.positives.x - terms.base - terms.rest) * sums.positives.y;
  return vec4<f32>(loss, part * mean_score(sums.positives) + pushed - pulled, counts, found);
}

// Of one positive with only itself in the denominator: (logarithm of the denominator less the score, slope of that in the
// score, in the logarithm of the negatives' sum, in the log of the scale by way of the floor).
fn own_denominator(score: f32, terms: Terms, factor: f32) -> vec4<f32> {
  let largest = max(score, terms.base);
  let own = exp(score - largest);
  let negatives = exp(terms.base - largest);
  if (PRIOR == 0.0) {
    let sum = own + negatives;
    let part = negatives / sum;
    return vec4<f32>(largest - score + log(sum), -part, part, 0.0);
  }
  let debiased = (negatives - PRIOR * terms.rest * own) / (1.0 - PRIOR);
  let floor_sum = terms.rest * exp(-factor - largest);
  let sum = own + max(debiased, floor_sum);
  let loss = largest - score + log(sum);
  if (debiased >= floor_sum) {
    let part = negatives / (1.0 - PRIOR) / sum;
    return vec4<f32>(loss, -part, part, 0.0);
  }
  let part = floor_sum / sum;
  return vec4<f32>(loss, -part, 0.0, -factor * part);
}

// Slope of the loss of a row in one of its scores.
fn score_slope(score: f32, kind: u32, terms: Terms, factor: f32) -> f32 {
  if (kind == NEGATIVE) {
    var part = (1.0 + HARDNESS) * exp(min((1.0 + HARDNESS) * score - terms.log_hard, 0.0));
    if (HARDNESS > 0.0) { part -= HARDNESS * exp(min(HARDNESS * score - terms.log_easy, 0.0)); }
    return terms.push * part;
  }
  if (kind == POSITIVE) {
    // 1 less the negatives' part where there is no other positive: a probability near 1 has few digits for the rest.
    let more = terms.share - terms.pull;
    if (DENOMINATOR == OWN) { return terms.share * own_denominator(score, terms, factor).y + more; }
    if (DENOMINATOR == ALL && terms.only > 0.0) { return more - terms.push; }
    if (DENOMINATOR == ALL) { return exp(score - terms.base - terms.rest) - terms.pull; }
    return -terms.pull;
  }
  return 0.0;
}
