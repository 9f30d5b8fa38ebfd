// The images' gradient of a convolution in groups, one number a thread; no barriers, no atomics. Sums in the order of
// taps, then outputs. Buffers: dx [B, HEIGHT, IMAGE_WIDTH, CHANNELS], dy [B, OUT_HEIGHT, OUT_WIDTH, OUTS],
// weight [TAPS_DOWN, TAPS_ACROSS, GROUP_INS, OUTS].
fn each(index: u32) {
  let channel = index % CHANNELS;
  let pixel = index / CHANNELS;
  let x = pixel % IMAGE_WIDTH + LEFT;
  let y = pixel / IMAGE_WIDTH % HEIGHT + ABOVE;
  let first_row = pixel / (IMAGE_WIDTH * HEIGHT) * OUT_HEIGHT;
  let first = channel / GROUP_INS * GROUP_OUTS;
  var sum = 0.0;
  for (var i = 0u; i < TAPS_DOWN; i++) {
    let start_y = y - i * STEP_DOWN; // wraps to a large number below 0
    if (start_y > y || start_y % STRIDE_DOWN != 0u || start_y / STRIDE_DOWN >= OUT_HEIGHT) { continue; }
    for (var j = 0u; j < TAPS_ACROSS; j++) {
      let start_x = x - j * STEP_ACROSS;
      if (start_x > x || start_x % STRIDE_ACROSS != 0u || start_x / STRIDE_ACROSS >= OUT_WIDTH) { continue; }
      let at = ((first_row + start_y / STRIDE_DOWN) * OUT_WIDTH + start_x / STRIDE_ACROSS) * OUTS + first;
      let row = ((i * TAPS_ACROSS + j) * GROUP_INS + channel % GROUP_INS) * OUTS + first;
      for (var o = 0u; o < GROUP_OUTS; o++) { sum = fma(dy[at + o], weight[row + o], sum); }
    }
  }
  dx[index] = sum;
}
