// Sums over a tile: of squared gradients down each column and along each row, and of squared weights down each column.
// One thread a column and a row of a tile; no barriers. Buffers: partial [TILES, 64] (column, row, weights, 0),
// gradient, parameter [any], table (see tables.wgsl), clip [2].
fn each(i: u32) {
  let tile = i / 64u;
  let lane = i % 64u;
  let slice = slice_at(table[3u * tile]);
  let weight = weight_at(slice.weight);
  let row = table[3u * tile + 1u];
  let column = table[3u * tile + 2u];
  let rows = min(64u, weight.rows - row);
  let columns = min(64u, weight.columns - column);
  let corner = (slice.index * weight.rows + row) * weight.columns + column;
  var sums = vec4<f32>(0.0);
  if (lane < columns) {
    for (var r = 0u; r < rows; r++) {
      let at = corner + r * weight.columns + lane;
      let g = gradient[weight.gradient + at] * clip[0];
      let p = parameter[weight.parameter + at];
      sums.x += g * g + ADDED;
      sums.z += p * p;
    }
  }
  if (weight.is_factored && lane < rows) {
    for (var c = 0u; c < columns; c++) {
      let g = gradient[weight.gradient + corner + lane * weight.columns + c] * clip[0];
      sums.y += g * g + ADDED;
    }
  }
  partial[i] = sums;
}
