// The mean of each window over the pixels inside the image. One thread per number of y; no barriers.
// Buffers: y [B, OUT_HEIGHT, OUT_WIDTH, CHANNELS], x [B, HEIGHT, IMAGE_WIDTH, CHANNELS].
fn each(index: u32) {
  let channel = index % CHANNELS;
  let window = index / CHANNELS;
  let columns = pixels_of(window % OUT_WIDTH * STRIDE_ACROSS, TAPS_ACROSS, LEFT, IMAGE_WIDTH);
  let rows = pixels_of(window / OUT_WIDTH % OUT_HEIGHT * STRIDE_DOWN, TAPS_DOWN, ABOVE, HEIGHT);
  let first_row = window / (OUT_WIDTH * OUT_HEIGHT) * HEIGHT;
  var sum = 0.0;
  for (var row = rows.first; row < rows.end; row++) {
    for (var column = columns.first; column < columns.end; column++) {
      sum += x[((first_row + row) * IMAGE_WIDTH + column) * CHANNELS + channel];
    }
  }
  y[index] = sum / f32((rows.end - rows.first) * (columns.end - columns.first));
}
