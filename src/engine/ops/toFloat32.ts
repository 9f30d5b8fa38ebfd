import { DataError } from '../../core/errors.ts'
import type { HostTensor } from '../../core/hostTensor.ts'

const word = new DataView(new ArrayBuffer(4))

/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits. Exact in float32. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** bfloat16 is the upper half of a float32. */
function brainToFloat(bits: number): number {
  word.setUint32(0, bits << 16)
  return word.getFloat32(0)
}

/** A plain loop: `Float32Array.from` with a function is much slower, and weights come in millions. */
function widen(words: Uint16Array, convert: (bits: number) => number): Float32Array {
  const out = new Float32Array(words.length)
  for (let i = 0; i < out.length; i++) out[i] = convert(words[i]!)
  return out
}

/**
 * A copy of a floating-point tensor's data as float32; float64 is rounded to nearest. Throws `tensor-dtype` for
 * whole numbers and booleans, which are never weights.
 */
export function toFloat32(name: string, tensor: HostTensor): Float32Array {
  const { dtype, data } = tensor
  switch (dtype) {
    case 'float32':
    case 'float64':
      return new Float32Array(data as Float32Array | Float64Array)
    case 'float16':
      return widen(data as Uint16Array, halfToFloat)
    case 'bfloat16':
      return widen(data as Uint16Array, brainToFloat)
    default:
      throw new DataError(`Tensor ${name}: must hold floating-point numbers, got ${dtype}`, {
        code: 'tensor-dtype',
        remedy: 'Save the weights as float32, float16 or bfloat16.',
        details: { name, dtype },
      })
  }
}
