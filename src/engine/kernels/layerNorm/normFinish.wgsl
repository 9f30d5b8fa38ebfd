// Gradients of gain and bias, second stage: one thread per column adds the blocks in order.
// Buffers: gain_gradient, bias_gradient [WIDTH] where there, partial [blocks, 2, WIDTH]. No barriers.
fn each(column: u32) {
  var gain_sum = 0.0;
  var bias_sum = 0.0;
  for (var at = column; at < arrayLength(&partial); at += 2u * WIDTH) {
    gain_sum += partial[at];
    bias_sum += partial[at + WIDTH];
  }
  put_gain(column, gain_sum);
  put_bias(column, bias_sum);
}
