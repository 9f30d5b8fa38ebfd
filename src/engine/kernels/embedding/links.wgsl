// For tables with more rows than there are ids: chains the places that hold the same id, and writes zeros to the whole
// gradient, of which the next dispatch overwrites the rows that ids name. One thread per unit of the table or place,
// whichever are more; no barriers.
// Buffers: links [N] (1 for the first occurrence of its id, next place with that id or N), table_gradient [V, UNITS],
// ids [N].
fn each(index: u32) {
  if (index < arrayLength(&table_gradient)) { table_gradient[index] = Unit(0.0); }
  let length = arrayLength(&ids);
  if (index >= length) { return; }
  let id = ids[index];
  var is_first = 1;
  for (var m = 0u; m < index; m++) {
    if (ids[m] == id) {
      is_first = 0;
      break;
    }
  }
  var next = index + 1u;
  while (next < length && ids[next] != id) { next++; }
  links[index] = vec2<i32>(is_first, i32(next));
}
