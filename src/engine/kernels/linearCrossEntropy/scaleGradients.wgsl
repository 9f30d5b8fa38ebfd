// Both gradients times dy / rows that count.
// Buffers: x_gradient [N, D], table_gradient [V, D], and what is scaled; share [1], dy [1]. One unit of each a thread.
fn each(i: u32) {
  let scale = share[0] * dy[0];
  if (i < arrayLength(&x_gradient)) { x_gradient[i] = x_slopes[i] * scale; }
  if (i < arrayLength(&table_gradient)) { table_gradient[i] = table_slopes[i] * scale; }
}
