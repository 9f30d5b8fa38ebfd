import { afterEach, expect, it, vi } from 'vitest'
import { cutEvenly, Pieces } from './pieces.ts'

afterEach(() => vi.restoreAllMocks())

/** Lets replays end at these times. */
async function learned(endsMs: readonly number[]): Promise<number> {
  const pieces = new Pieces()
  for (const end of endsMs) {
    pieces.watch({
      onSubmittedWorkDone: () => {
        vi.spyOn(performance, 'now').mockReturnValue(end)
        return Promise.resolve(undefined)
      },
    })
    await Promise.resolve()
    await Promise.resolve()
  }
  return pieces.count
}

it('cuts what takes longer than a tenth of a second, by the quickest that was seen', async () => {
  expect(await learned([0, 90, 180, 5000, 5090, 5180])).toBe(1)
  expect(await learned([0, 900, 1300, 5000, 5400, 5800])).toBe(8)
})

it('decides once', async () => {
  expect(await learned([0, 90, 180, 270, 360, 450, 2000, 4000])).toBe(1)
})

it('survives a device that is lost', async () => {
  const pieces = new Pieces()
  pieces.watch({ onSubmittedWorkDone: () => Promise.reject(new Error('lost')) })
  await Promise.resolve()
  expect(pieces.count).toBe(1)
})

it('cuts by weight, into no more pieces than there are things', () => {
  expect(cutEvenly([1, 1, 1, 1], 2)).toEqual([2, 4])
  expect(cutEvenly([8, 1, 1, 1, 1], 2)).toEqual([1, 5])
  expect(cutEvenly([0, 0, 5], 2)).toEqual([3])
  expect(cutEvenly([1, 2], 8).at(-1)).toBe(2)
  expect(cutEvenly([1, 1, 1], 1)).toEqual([3])
  expect(cutEvenly([], 3)).toEqual([0])
})
