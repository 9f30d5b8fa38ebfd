import { expect, it } from 'vitest'
import { decodeStepValue, encodeStepValue, type StepValue } from './stepValue.ts'

const value: StepValue = {
  json: { text: 'é\ud800"', list: [1, null, true], nothing: {} },
  arrays: {
    words: Uint16Array.of(1, 65535, 3),
    bytes: Uint8Array.of(1, 2, 255),
    empty: new Int32Array(0),
    counts: Int32Array.of(-1, 2 ** 31 - 1),
    numbers: Float32Array.of(-0, 1e-45, NaN, -Infinity),
    __proto__x: new Uint8Array(1),
  },
}

it('comes back as it was, also from the middle of a buffer', () => {
  const bytes = encodeStepValue(value)
  expect(decodeStepValue(bytes)).toEqual(value)
  expect(Object.is(decodeStepValue(bytes).arrays['numbers']![0], -0)).toBe(true)
  for (const offset of [1, 3, 8]) {
    const wider = new Uint8Array(bytes.length + offset)
    wider.set(bytes, offset)
    expect(decodeStepValue(wider.subarray(offset))).toEqual(value)
  }
})

it('gives equal bytes for equal values, in whatever order they were put together', () => {
  const { json, arrays } = value
  const turned = Object.fromEntries(Object.entries(arrays).reverse())
  expect(encodeStepValue({ arrays: turned, json: { ...(json as object) } })).toEqual(encodeStepValue(value))
  const swapped = { json, arrays: { ...arrays, words: Uint16Array.of(1, 3, 65535) } }
  expect(encodeStepValue(swapped)).not.toEqual(encodeStepValue(value))
})

it('is refused wherever it is cut, and with bytes behind its end', () => {
  const bytes = encodeStepValue(value)
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeStepValue(bytes.slice(0, length)), String(length)).toThrow(
      expect.objectContaining({ code: 'step-value' }),
    )
  const longer = new Uint8Array(bytes.length + 8)
  longer.set(bytes)
  expect(() => decodeStepValue(longer)).toThrow(expect.objectContaining({ code: 'step-value' }))
})
