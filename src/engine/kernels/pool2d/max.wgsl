// The largest number of each window and the first pixel that has it. One thread per number of y; no barriers.
// Buffers: y and places [B, OUT_HEIGHT, OUT_WIDTH, CHANNELS], x [B, HEIGHT, IMAGE_WIDTH, CHANNELS]. A place is y * IMAGE_WIDTH + x.
fn each(index: u32) {
  let channel = index % CHANNELS;
  let window = index / CHANNELS;
  let columns = pixels_of(window % OUT_WIDTH * STRIDE_ACROSS, TAPS_ACROSS, LEFT, IMAGE_WIDTH);
  let rows = pixels_of(window / OUT_WIDTH % OUT_HEIGHT * STRIDE_DOWN, TAPS_DOWN, ABOVE, HEIGHT);
  let image = window / (OUT_WIDTH * OUT_HEIGHT) * HEIGHT * IMAGE_WIDTH;
  var place = rows.first * IMAGE_WIDTH + columns.first;
  var most = x[(image + place) * CHANNELS + channel];
  for (var row = rows.first; row < rows.end; row++) {
    for (var column = columns.first; column < columns.end; column++) {
      let here = row * IMAGE_WIDTH + column;
      let value = x[(image + here) * CHANNELS + channel];
      if (value > most) {
        most = value;
        place = here;
      }
    }
  }
  y[index] = most;
  places[index] = place;
}
