// Each window's gradient in equal parts to its pixels, added up in ascending order. One thread per number of dx; no
// barriers, no atomics. Buffers: dx [B, HEIGHT, IMAGE_WIDTH, CHANNELS], dy [B, OUT_HEIGHT, OUT_WIDTH, CHANNELS].
fn each(index: u32) {
  let channel = index % CHANNELS;
  let pixel = index / CHANNELS;
  let columns = windows_of(pixel % IMAGE_WIDTH + LEFT, TAPS_ACROSS, STRIDE_ACROSS, OUT_WIDTH);
  let rows = windows_of(pixel / IMAGE_WIDTH % HEIGHT + ABOVE, TAPS_DOWN, STRIDE_DOWN, OUT_HEIGHT);
  let first_row = pixel / (IMAGE_WIDTH * HEIGHT) * OUT_HEIGHT;
  var sum = 0.0;
  for (var row = rows.first; row < rows.end; row++) {
    let down = pixels_of(row * STRIDE_DOWN, TAPS_DOWN, ABOVE, HEIGHT);
    for (var column = columns.first; column < columns.end; column++) {
      let across = pixels_of(column * STRIDE_ACROSS, TAPS_ACROSS, LEFT, IMAGE_WIDTH);
      let count = f32((down.end - down.first) * (across.end - across.first));
      sum += dy[((first_row + row) * OUT_WIDTH + column) * CHANNELS + channel] / count;
    }
  }
  dx[index] = sum;
}
