import { expect, it } from 'vitest'
import { createLatestDraft } from './latestDraft.ts'

it('ends work for another draft, and not for the same one asked for again', () => {
  const draft = createLatestDraft()
  const [first, again] = [draft('a'), draft('a')]
  expect([first.aborted, again.aborted]).toEqual([false, false])
  const other = draft('b')
  expect([first.aborted, again.aborted, other.aborted]).toEqual([true, true, false])
  expect(draft('a').aborted).toBe(false)
  expect(other.aborted).toBe(true)
})
