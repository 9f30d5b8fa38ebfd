// Sums of each column over a block of rows of the chunk.
// Buffers: kept [blocks of all chunks, COLUMNS, 3], scores [ROWS, COLUMNS], those of the kinds. Uniform: first_block of
// the chunk. One thread a column, blocks in y. No barriers.
@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  if (column >= COLUMNS) { return; }
  let factor = scale();
  var sums = no_sums();
  for (var row = id.y * BLOCK; row < min(ROWS, (id.y + 1u) * BLOCK); row++) {
    sums = with_pair(sums, scores[row * COLUMNS + column] * factor, kind_of(row, column));
  }
  let at = 3u * ((u.first_block + id.y) * COLUMNS + column);
  kept[at] = sums.hard;
  kept[at + 1u] = sums.easy;
  kept[at + 2u] = sums.positives;
}
