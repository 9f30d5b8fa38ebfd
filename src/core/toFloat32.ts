import type { HostTensor } from './hostTensor.ts'

const words = new Uint32Array(1)
const floats = new Float32Array(words.buffer)

/**
 * The values of a tensor as 32-bit floats, same order. A float32 tensor's own array is returned, not a copy. Float64
 * and integers are rounded to the nearest float32, bool becomes 0 and 1; float16 and bfloat16 are exact.
 */
export function toFloat32({ dtype, data }: HostTensor): Float32Array {
  if (data instanceof Float32Array) return data
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number)
  if (dtype === 'bfloat16') return mapped(data, bfloat16ToNumber)
  if (dtype === 'float16') return mapped(data, float16ToNumber)
  if (dtype === 'bool') return mapped(data, (value) => (value === 0 ? 0 : 1))
  return new Float32Array(data)
}

/** A plain loop: `Float32Array.from` with a function is ten times slower, and weights come in millions. */
function mapped(data: ArrayLike<number>, convert: (value: number) => number): Float32Array {
  const out = new Float32Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = convert(data[i]!)
  return out
}

/** A bfloat16 is the upper half of a float32. */
function bfloat16ToNumber(word: number): number {
  words[0] = word << 16
  return floats[0]!
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function float16ToNumber(word: number): number {
  const sign = word & 0x8000 ? -1 : 1
  const exponent = (word >>> 10) & 31
  const fraction = word & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}
