// Terms and loss of each column from the sums of all blocks of rows, in their order.
// Buffers: terms_kept [COLUMNS, 2], losses [COLUMNS], kept [BLOCKS, COLUMNS, 3]. One thread a column. No barriers.
fn each(column: u32) {
  var sums = no_sums();
  for (var block = 0u; block < BLOCKS; block++) {
    let at = 3u * (block * COLUMNS + column);
    sums = joined_sums(sums, Sums(kept[at], kept[at + 1u], kept[at + 2u]));
  }
  let terms = terms_from(sums, 1.0);
  terms_kept[2u * column] = kept_first(terms);
  terms_kept[2u * column + 1u] = kept_last(terms);
  losses[column] = loss_of(sums, terms, vec2<f32>(0.0));
}
