import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newRunId } from './runId.ts'

const time = fc.integer({ min: 0, max: 36 ** 9 - 1 })
const random = fc.uint8Array({ minLength: 5, maxLength: 5 })

test('run ids sort by time, whatever the random part', () => {
  fc.assert(
    fc.property(time, time, random, random, (a, b, x, y) => {
      fc.pre(a !== b)
      expect(newRunId(a, x) < newRunId(b, y)).toBe(a < b)
    }),
  )
})

test('run ids of one moment differ in every random bit', () => {
  fc.assert(
    fc.property(time, random, random, (now, x, y) => {
      expect(newRunId(now, x) === newRunId(now, y)).toBe(x.every((byte, i) => byte === y[i]))
    }),
  )
})

test('run ids are 17 characters of base 36', () => {
  expect(newRunId(0, new Uint8Array(5))).toBe('00000000000000000')
  expect(newRunId(1.7e12, Uint8Array.of(255, 255, 255, 255, 255))).toMatch(/^[0-9a-z]{17}$/)
  expect(() => newRunId(0, new Uint8Array(4))).toThrow(RangeError)
})
