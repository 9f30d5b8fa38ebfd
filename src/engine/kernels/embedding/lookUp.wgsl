// Rows of a table, plus rows of a second one by place. One thread per unit of four numbers or one; no barriers.
// Buffers: y [N, UNITS], table [V, UNITS], ids [N], positions [P, UNITS] where there. An id outside the table gives 0.
fn each(index: u32) {
  let n = index / UNITS;
  let i = index % UNITS;
  let id = ids[n];
  var value = place_at(n, i);
  if (id >= 0 && u32(id) < arrayLength(&table) / UNITS) { value += Unit(table[u32(id) * UNITS + i]); }
  y[index] = Stored(value);
}
