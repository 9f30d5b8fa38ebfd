// The gradients of the windows in which a pixel is the largest, in ascending order. One thread per number of dx; no
// barriers, no atomics. Buffers: dx [B, HEIGHT, IMAGE_WIDTH, CHANNELS], dy and places [B, OUT_HEIGHT, OUT_WIDTH, CHANNELS].
fn each(index: u32) {
  let channel = index % CHANNELS;
  let pixel = index / CHANNELS;
  let place = pixel % (IMAGE_WIDTH * HEIGHT);
  let columns = windows_of(place % IMAGE_WIDTH + LEFT, TAPS_ACROSS, STRIDE_ACROSS, OUT_WIDTH);
  let rows = windows_of(place / IMAGE_WIDTH + ABOVE, TAPS_DOWN, STRIDE_DOWN, OUT_HEIGHT);
  let first_row = pixel / (IMAGE_WIDTH * HEIGHT) * OUT_HEIGHT;
  var sum = 0.0;
  for (var row = rows.first; row < rows.end; row++) {
    for (var column = columns.first; column < columns.end; column++) {
      let at = ((first_row + row) * OUT_WIDTH + column) * CHANNELS + channel;
      if (places[at] == place) { sum += dy[at]; }
    }
  }
  dx[index] = sum;
}
