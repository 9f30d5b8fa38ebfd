// The sum of what all windows hold of each pixel, in the order of the taps. One thread per unit of a pixel's channels;
// no barriers, no atomics. Buffers: image [B, HEIGHT, IMAGE_WIDTH, UNITS],
// windows [B * OUT_HEIGHT * OUT_WIDTH, TAPS_DOWN * TAPS_ACROSS, UNITS].
fn each(index: u32) {
  let unit = index % UNITS;
  let pixel = index / UNITS;
  let x = pixel % IMAGE_WIDTH + LEFT;
  let y = pixel / IMAGE_WIDTH % HEIGHT + ABOVE;
  let first_row = pixel / (IMAGE_WIDTH * HEIGHT) * OUT_HEIGHT;
  var sum = Unit(0.0);
  for (var i = 0u; i < TAPS_DOWN; i++) {
    let start_y = y - i * STEP_DOWN; // wraps to a large number below 0
    if (start_y > y || start_y % STRIDE_DOWN != 0u || start_y / STRIDE_DOWN >= OUT_HEIGHT) { continue; }
    for (var j = 0u; j < TAPS_ACROSS; j++) {
      let start_x = x - j * STEP_ACROSS;
      if (start_x > x || start_x % STRIDE_ACROSS != 0u || start_x / STRIDE_ACROSS >= OUT_WIDTH) { continue; }
      let window = (first_row + start_y / STRIDE_DOWN) * OUT_WIDTH + start_x / STRIDE_ACROSS;
      sum += Unit(windows[((window * TAPS_DOWN + i) * TAPS_ACROSS + j) * UNITS + unit]);
    }
  }
  image[index] = sum;
}
