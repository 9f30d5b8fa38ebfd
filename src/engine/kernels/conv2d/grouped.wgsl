// A convolution in groups, one number of y a thread; no barriers. Sums in the order of taps, then channels.
// Buffers: y [B, OUT_HEIGHT, OUT_WIDTH, OUTS], x [B, HEIGHT, IMAGE_WIDTH, CHANNELS], weight [TAPS_DOWN, TAPS_ACROSS, GROUP_INS, OUTS].
fn each(index: u32) {
  let out = index % OUTS;
  let place = index / OUTS;
  let start_x = place % OUT_WIDTH * STRIDE_ACROSS;
  let start_y = place / OUT_WIDTH % OUT_HEIGHT * STRIDE_DOWN;
  let image = place / (OUT_WIDTH * OUT_HEIGHT);
  let first = out / GROUP_OUTS * GROUP_INS;
  var sum = bias_at(out);
  for (var i = 0u; i < TAPS_DOWN; i++) {
    let row = start_y + i * STEP_DOWN - ABOVE; // wraps to a large number below 0
    if (row >= HEIGHT) { continue; }
    for (var j = 0u; j < TAPS_ACROSS; j++) {
      let column = start_x + j * STEP_ACROSS - LEFT;
      if (column >= IMAGE_WIDTH) { continue; }
      let at = ((image * HEIGHT + row) * IMAGE_WIDTH + column) * CHANNELS + first;
      let tap = (i * TAPS_ACROSS + j) * GROUP_INS;
      for (var c = 0u; c < GROUP_INS; c++) { sum = fma(x[at + c], weight[(tap + c) * OUTS + out], sum); }
    }
  }
  y[index] = sum;
}
