// Where everything lies. Weights are seen as SLICES matrices in all (a vector is a row), and matrices as TILES tiles of
// at most 64 by 64 numbers; their row and column means as BLOCKS blocks of at most 64. `table` holds, one after the
// other: for each tile its slice, first row and first column; for each block its slice, whether it is of columns, and
// its first index; for each slice its weight, its index there, its first tile, and its tiles down and across; for each
// weight where its parts lie, its sizes, its group, its first slice and whether it has row and column means.
const BLOCKS_AT = 3u * TILES;
const SLICES_AT = BLOCKS_AT + 3u * BLOCKS;
const WEIGHTS_AT = SLICES_AT + 5u * SLICES;
struct Slice { weight: u32, index: u32, first_tile: u32, down: u32, across: u32 }
struct Weight {
  parameter: u32, gradient: u32, row: u32, column: u32, v: u32, m: u32,
  rows: u32, columns: u32, slices: u32, group: u32, first_slice: u32, is_factored: bool,
}
fn slice_at(number: u32) -> Slice {
  let at = SLICES_AT + 5u * number;
  return Slice(table[at], table[at + 1u], table[at + 2u], table[at + 3u], table[at + 4u]);
}
fn weight_at(number: u32) -> Weight {
  let at = WEIGHTS_AT + 12u * number;
  return Weight(
    table[at], table[at + 1u], table[at + 2u], table[at + 3u], table[at + 4u], table[at + 5u],
    table[at + 6u], table[at + 7u], table[at + 8u], table[at + 9u], table[at + 10u], table[at + 11u] == 1u,
  );
}
