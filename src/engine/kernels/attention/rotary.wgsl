// Rotates queries and keys of packed rows by their position (half-split pairs) and copies values.
// Buffers: y, x [B · T, 3 · HEADS · HEAD_DIM], table [T, HEAD_DIM / 2] (cos, sin). One thread per pair; no barriers.
// TURN is 1 forward and -1 backward: the inverse of a rotation is its transpose.
fn each(index: u32) {
  let half = HEAD_DIM / 2u;
  let pair = index % half;
  let head = (index / half) % (3u * HEADS);
  let row = index / (half * 3u * HEADS);
  let first = (row * 3u * HEADS + head) * HEAD_DIM + pair;
  let second = first + half;
  let a = x[first];
  let b = x[second];
  if (head >= 2u * HEADS) {
    y[first] = a;
    y[second] = b;
    return;
  }
  let angle = table[(row % SEQ_LEN) * half + pair];
  y[first] = a * angle.x - TURN * b * angle.y;
  y[second] = b * angle.x + TURN * a * angle.y;
}
