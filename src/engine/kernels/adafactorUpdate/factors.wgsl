// The running means of squared gradients over rows and columns, in place, from the sums of tiles in their order. One
// thread a mean; no barriers. Buffers: all_row, all_column [any], partial [TILES, 64] (column, row, …), table (see
// tables.wgsl), clip [2]; uniforms: moment [groups, numbers].
fn each(i: u32) {
  let block = BLOCKS_AT + 3u * (i / 64u);
  let slice = slice_at(table[block]);
  let is_column = table[block + 1u] == 1u;
  let index = table[block + 2u] + i % 64u;
  let weight = weight_at(slice.weight);
  if (index >= select(weight.rows, weight.columns, is_column)) { return; }
  NUMBERS
  // A broken gradient must not break what is kept.
  if (!is_finite_bits(clip[1])) { return; }
  let lane = index % 64u;
  var sum = 0.0;
  if (is_column) {
    for (var down = 0u; down < slice.down; down++) {
      sum += partial[(slice.first_tile + down * slice.across + index / 64u) * 64u + lane].x;
    }
    let at = weight.column + slice.index * weight.columns + index;
    all_column[at] = remembered * all_column[at] + forgotten * (sum / f32(weight.rows));
  } else {
    for (var across = 0u; across < slice.across; across++) {
      sum += partial[(slice.first_tile + (index / 64u) * slice.across + across) * 64u + lane].y;
    }
    let at = weight.row + slice.index * weight.rows + index;
    all_row[at] = remembered * all_row[at] + forgotten * (sum / f32(weight.columns));
  }
}
