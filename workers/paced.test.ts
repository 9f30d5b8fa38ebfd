import { expect, it } from 'vitest'
import { paced } from './paced.ts'
import type { ImportProgress } from './protocol.ts'

it('hands progress on twenty times a second at most, and each new phase and file at once', () => {
  let nowMs = 0
  const got: ImportProgress[] = []
  const send = paced(
    (progress) => got.push(progress),
    () => nowMs,
  )
  const tell = (phase: ImportProgress['phase'], file: string, doneBytes: number) =>
    send({ phase, file, doneBytes, totalBytes: 1000 })
  for (; nowMs < 1000; nowMs++) tell('reading', 'a', nowMs)
  expect(got.map(({ doneBytes }) => doneBytes)).toEqual(Array.from({ length: 20 }, (_, i) => i * 50))
  got.length = 0
  tell('decoding', 'a', 1)
  tell('decoding', 'a', 2)
  tell('decoding', 'b', 3)
  expect(got.map(({ doneBytes }) => doneBytes)).toEqual([1, 3])
})
