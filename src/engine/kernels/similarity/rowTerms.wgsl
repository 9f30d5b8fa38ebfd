// Terms and loss of each row of the chunk.
// Buffers: terms [rows, 2], losses [rows], scores [rows, COLUMNS], those of the kinds, weights [rows] where there are
// some. A team of threads a row; barriers are inside reduce, which every lane reaches.
fn each_row(row: u32, lane: u32, thread: u32, is_there: bool) {
  let start = row * COLUMNS;
  let factor = scale();
  var sums = no_sums();
  for (var i = lane; i < COLUMNS; i += LANES) {
    sums = with_pair(sums, scores[start + i] * factor, kind_of(row, i));
  }
  sums.hard = reduce(sums.hard, thread);
  sums.easy = reduce(sums.easy, thread);
  sums.positives = reduce(sums.positives, thread);
  var terms = terms_from(sums, weight_of(row));
  var own = vec3<f32>(0.0);
  if (DENOMINATOR == OWN) {
    for (var i = lane; i < COLUMNS; i += LANES) {
      if (kind_of(row, i) == POSITIVE) {
        let score = scores[start + i] * factor;
        let found = own_denominator(score, terms, factor);
        own += vec3<f32>(found.x, found.y * score + found.w, found.z);
      }
    }
    own.x = reduce(vec4<f32>(LEAST, 0.0, 0.0, own.x), thread).w;
    own.y = reduce(vec4<f32>(LEAST, 0.0, 0.0, own.y), thread).w;
    own.z = reduce(vec4<f32>(LEAST, 0.0, 0.0, own.z), thread).w;
    terms.push = terms.share * own.z;
  }
  if (lane != 0u || !is_there) { return; }
  terms_kept[2u * row] = kept_first(terms);
  terms_kept[2u * row + 1u] = kept_last(terms);
  losses[row] = loss_of(sums, terms, own.xy);
}
