// Which matrix the number i of all blocks belongs to: `table` begins with a matrix and its first block for each of
// BLOCKS blocks of 128 numbers; then, for each matrix, where its parts lie, its sizes, whether it is turned, its group.
struct Matrix { number: u32, size: u32, gradient: u32, m: u32, parameter: u32, stacked: u32, group: u32 }
fn matrix_at(i: u32) -> Matrix {
  let block = i / 128u;
  let at = 2u * BLOCKS + 8u * table[2u * block];
  let number = (block - table[2u * block + 1u]) * 128u + i % 128u;
  let rows = table[at + 4u];
  let columns = table[at + 5u];
  let turned = (number % columns) * rows + number / columns;
  let stacked = table[at + 3u] + select(number, turned, table[at + 6u] == 1u);
  return Matrix(number, rows * columns, table[at + 1u], table[at + 2u], table[at], stacked, table[at + 7u]);
}
