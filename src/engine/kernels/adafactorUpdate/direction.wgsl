// The direction of one number of a weight before its length is bounded, and v afterwards where the weight has one.
struct Direction { value: f32, v: f32 }
fn direction_at(weight: Weight, slice: u32, place: vec2<u32>, mean: f32, g: f32, running: vec2<f32>) -> Direction {
  if (weight.is_factored) {
    let of_row = all_row[weight.row + slice * weight.rows + place.x];
    let of_column = all_column[weight.column + slice * weight.columns + place.y];
    if (IS_FLOOR) { return Direction(g * inverseSqrt(max(of_row / max(mean, EPSILON) * of_column, FLOOR)), 0.0); }
    return Direction(g * inverseSqrt(of_row / mean) * inverseSqrt(of_column), 0.0);
  }
  let v = running.x * all_v[weight.v + place.y] + running.y * (g * g + ADDED);
  return Direction(g * inverseSqrt(max(v, FLOOR)), v);
}
