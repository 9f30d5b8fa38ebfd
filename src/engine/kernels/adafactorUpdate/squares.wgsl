// Sums of squared directions down each column of a tile. One thread a column; no barriers. Buffers: squares [TILES, 64],
// gradient, all_row, all_column, all_v [any], means [SLICES], table (see tables.wgsl), clip [2]; uniforms: moment
// [groups, numbers].
fn each(i: u32) {
  let tile = i / 64u;
  let slice = slice_at(table[3u * tile]);
  let weight = weight_at(slice.weight);
  let row = table[3u * tile + 1u];
  let column = table[3u * tile + 2u] + i % 64u;
  NUMBERS
  var sum = 0.0;
  if (column < weight.columns) {
    for (var r = row; r < min(row + 64u, weight.rows); r++) {
      let at = (slice.index * weight.rows + r) * weight.columns + column;
      let g = gradient[weight.gradient + at] * clip[0];
      let running = vec2<f32>(remembered, forgotten);
      let u = direction_at(weight, slice.index, vec2<u32>(r, column), means[table[3u * tile]], g, running).value;
      sum += u * u;
    }
  }
  squares[i] = sum;
}
