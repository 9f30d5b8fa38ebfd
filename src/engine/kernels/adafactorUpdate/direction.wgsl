// The direction of one number of a weight before its length is bounded, and v afterwards where the weight has one.
struct Direction { value: f32, v: f32 }
fn direction_at(weight: Weight, slice: u32, place: vec2<u32>, mean: f32, g: f32, running: vec2<f32>) -> Direction {
  if (weight.is_factored) {
    let share = inverseSqrt(all_row[weight.row + slice * weight.rows + place.x] / mean);
    return Direction(g * share * inverseSqrt(all_column[weight.column + slice * weight.columns + place.y]), 0.0);
  }
  let v = running.x * all_v[weight.v + place.y] + running.y * (g * g + EPSILON);
  return Direction(g * inverseSqrt(v), v);
}
