// What a column is to a row of the chunk. Buffers: row_ids [rows], column_ids [COLUMNS] where ids are given; log_scale [1]
// where it is learned. Uniform: first_row of the chunk.
fn kind_of(row: u32, column: u32) -> u32 {
  if (column >= COLUMNS - EXTRA) { return select(NEGATIVE, NEITHER, is_left_out(row, column)); }
  if (EXCLUDES_SELF && row + u.first_row == column) { return NEITHER; }
  if (same_id(row, column)) { return POSITIVE; }
  return select(NEITHER, NEGATIVE, HAS_BATCH_NEGATIVES);
}
