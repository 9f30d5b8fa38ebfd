// All weights, v and m, in place. One thread a column of a tile; no barriers. Buffers: parameter, all_v, all_m where
// there is one, gradient, all_row, all_column [any], scales [SLICES, 2] (see scales.wgsl), table (see tables.wgsl);
// uniforms: moment [groups, numbers].
fn each(i: u32) {
  let tile = i / 64u;
  let slice = slice_at(table[3u * tile]);
  let weight = weight_at(slice.weight);
  let row = table[3u * tile + 1u];
  let column = table[3u * tile + 2u] + i % 64u;
  let own = scales[2u * table[3u * tile]];
  let in_all = scales[2u * table[3u * tile] + 1u];
  // A broken gradient must not break the weights: the run stops here, and they are still good.
  if (column >= weight.columns || in_all.y == 0.0) { return; }
  NUMBERS
  for (var r = row; r < min(row + 64u, weight.rows); r++) {
    let at = (slice.index * weight.rows + r) * weight.columns + column;
    let g = gradient[weight.gradient + at] * in_all.x;
    let running = vec2<f32>(remembered, forgotten);
    let direction = direction_at(weight, slice.index, vec2<u32>(r, column), own.w, g, running);
    var step = direction.value / own.x * own.y;
    MEAN
    if (!weight.is_factored) { all_v[weight.v + at] = direction.v; }
    let p_at = weight.parameter + at;
    parameter[p_at] = own.z * parameter[p_at] - step;
  }
}
