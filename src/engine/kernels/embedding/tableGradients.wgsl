// Gradients of both tables: the blocks of the first in order; of the second the places that share a row, in order.
// Buffers: table_gradient [ROWS, UNITS], position_gradient [P, UNITS] where there, sums [blocks, ROWS, UNITS],
// dy [N, UNITS] where positions are. One thread per unit of either; no barriers, no atomics.
fn each(index: u32) {
  if (index >= ROWS * UNITS) {
    put_position(index - ROWS * UNITS);
    return;
  }
  var sum = Unit(0.0);
  for (var at = index; at < arrayLength(&sums); at += ROWS * UNITS) { sum += sums[at]; }
  table_gradient[index] = sum;
}
