// What a column is to a row. Buffers: row_ids [N] and column_ids [COLUMNS] where ids are given.
fn is_extra(column: u32) -> bool { return column >= COLUMNS - EXTRA; }
fn is_positive(row: u32, column: u32) -> bool {
  return !is_extra(column) && same_id(row, column) && !(EXCLUDES_SELF && row + u.first_row == column);
}
fn is_allowed(row: u32, column: u32) -> bool {
  if (is_extra(column)) { return true; }
  if (HAS_BATCH_NEGATIVES) { return !(EXCLUDES_SELF && row + u.first_row == column); }
  return is_positive(row, column);
}
