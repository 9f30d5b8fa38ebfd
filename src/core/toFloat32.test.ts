import { describe, expect, test } from 'vitest'
import type { HostDtype } from './hostTensor.ts'
import { toFloat32 } from './toFloat32.ts'

const convert = (dtype: HostDtype, data: Parameters<typeof toFloat32>[0]['data']) =>
  toFloat32({ dtype, shape: [data.length], data })

describe('toFloat32', () => {
  test('hands a float32 array through without a copy', () => {
    const data = Float32Array.of(1, NaN)
    expect(convert('float32', data)).toBe(data)
  })

  test('reads the float16 patterns of IEEE 754: zeros, subnormals, one, a third, largest, infinities, NaN', () => {
    const words = Uint16Array.of(
      0,
      0x8000,
      1,
      0x03ff,
      0x0400,
      0x3c00,
      0x3555,
      0xc000,
      0x7bff,
      0x7c00,
      0xfc00,
      0x7e01,
    )
    const expected = [
      0,
      -0,
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      1,
      0.333251953125,
      -2,
      65504,
      Infinity,
      -Infinity,
      NaN,
    ]
    expect([...convert('float16', words)]).toEqual(expected)
  })

  test('reads every float16 in order of size', () => {
    const positive = convert(
      'float16',
      Uint16Array.from({ length: 0x7c01 }, (_, word) => word),
    )
    expect(positive.every((value, i) => i === 0 || value > positive[i - 1]!)).toBe(true)
  })

  test('reads bfloat16 as the upper half of a float32', () => {
    const words = Uint16Array.of(0x3f80, 0xbf80, 0x4049, 0x0001, 0x7f80, 0x7fc0)
    expect([...convert('bfloat16', words)]).toEqual([1, -1, 3.140625, 2 ** -133, Infinity, NaN])
  })

  test('rounds float64 and int64 to the nearest float32', () => {
    expect([...convert('float64', Float64Array.of(0.1, 1e300, 1e-300))]).toEqual([
      Math.fround(0.1),
      Infinity,
      0,
    ])
    expect([...convert('int64', BigInt64Array.of(-1n, 16777217n, 2n ** 62n))]).toEqual([
      -1,
      16777216,
      2 ** 62,
    ])
  })

  test('keeps small integers and makes bool 0 and 1', () => {
    expect([...convert('int8', Int8Array.of(-128, 127))]).toEqual([-128, 127])
    expect([...convert('int32', Int32Array.of(-5))]).toEqual([-5])
    expect([...convert('uint8', Uint8Array.of(255))]).toEqual([255])
    expect([...convert('bool', Uint8Array.of(0, 1, 2))]).toEqual([0, 1, 1])
  })
})
