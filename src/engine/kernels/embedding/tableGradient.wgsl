// Adds up the gradients of every occurrence of an id, in ascending position. The table must be zero before.
// Buffers: table [V, WIDTH], dy [N, WIDTH], ids [N], links [N] (is first, next). One thread per element of dy, of which
// those of first occurrences work. No barriers, no atomics: each row of the table has one owner.
fn each(index: u32) {
  let n = index / WIDTH;
  let column = index % WIDTH;
  let id = ids[n];
  if (links[n].x == 0 || id < 0 || u32(id) >= arrayLength(&table) / WIDTH) { return; }
  var total = 0.0;
  for (var m = n; m < arrayLength(&ids); m = u32(links[m].y)) { total += dy[m * WIDTH + column]; }
  table[u32(id) * WIDTH + column] = total;
}
