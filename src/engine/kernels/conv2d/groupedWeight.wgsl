// The gradients of a weight in groups and of its bias, over one block of BLOCK outputs of images and rows and columns a
// thread, whose sums are added up afterwards; no barriers, no atomics.
// Buffers: sums [blocks, TAPS * GROUP_INS * OUTS + OUTS], dy [PLACES, OUTS], x [B, HEIGHT, IMAGE_WIDTH, CHANNELS].
fn each(index: u32) {
  let number = index % NUMBERS;
  let block = index / NUMBERS;
  let out = number % OUTS;
  let input = number / OUTS % GROUP_INS;
  let tap = number / (OUTS * GROUP_INS);
  let is_bias = number >= NUMBERS - OUTS;
  let channel = out / GROUP_OUTS * GROUP_INS + input;
  var sum = 0.0;
  for (var place = block * BLOCK; place < min((block + 1u) * BLOCK, PLACES); place++) {
    var value = 1.0;
    if (!is_bias) {
      let row = place / OUT_WIDTH % OUT_HEIGHT * STRIDE_DOWN + tap / TAPS_ACROSS * STEP_DOWN - ABOVE; // wraps below 0
      let column = place % OUT_WIDTH * STRIDE_ACROSS + tap % TAPS_ACROSS * STEP_ACROSS - LEFT;
      if (row >= HEIGHT || column >= IMAGE_WIDTH) { continue; }
      let image = place / (OUT_WIDTH * OUT_HEIGHT);
      value = x[((image * HEIGHT + row) * IMAGE_WIDTH + column) * CHANNELS + channel];
    }
    sum = fma(value, dy[place * OUTS + out], sum);
  }
  sums[index] = sum;
}
