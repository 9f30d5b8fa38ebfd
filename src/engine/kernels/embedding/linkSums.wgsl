// Adds up the gradients of every occurrence of an id, in ascending place, over the zeros that are there, and of the
// second table the places that share a row.
// Buffers: table_gradient [V, UNITS], position_gradient [P, UNITS] where there, dy [N, UNITS], ids [N], links [N].
// One thread per unit of dy, of which those of first occurrences work, then per unit of positions. No barriers, no
// atomics: each row of the table has one owner.
fn each(index: u32) {
  if (index >= arrayLength(&dy)) {
    put_position(index - arrayLength(&dy));
    return;
  }
  let n = index / UNITS;
  let i = index % UNITS;
  let id = ids[n];
  if (links[n].x == 0 || id < 0 || u32(id) >= arrayLength(&table_gradient) / UNITS) { return; }
  var sum = Unit(0.0);
  for (var m = n; m < arrayLength(&ids); m = u32(links[m].y)) { sum += Unit(dy[m * UNITS + i]); }
  table_gradient[u32(id) * UNITS + i] = sum;
}
