// Similarities become the gradient of the loss with respect to them, in place.
// Buffers: scores [rows, COLUMNS], row_terms [rows, 2], column_terms [COLUMNS, 2] where both directions are, shares [2]
// where they are known, those of the kinds. One number a thread. No barriers.
fn each(index: u32) {
  let row = index / COLUMNS;
  let column = index % COLUMNS;
  let factor = scale();
  let score = scores[index] * factor;
  let kind = kind_of(row, column);
  let of_row = terms_of(row_terms[2u * row], row_terms[2u * row + 1u]);
  scores[index] = factor * (row_share() * score_slope(score, kind, of_row, factor) + of_column(column, score, kind, factor));
}
