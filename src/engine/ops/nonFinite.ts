/**
 * Whether any value is NaN or infinite, told from the bit patterns: all eight exponent bits set. Done on the host,
 * because WGSL may assume that there are no NaNs and infinities and fold a test for them away.
 */
export function hasNonFinite(data: Float32Array): boolean {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length)
  for (const word of words) if ((word & 0x7f800000) === 0x7f800000) return true
  return false
}
