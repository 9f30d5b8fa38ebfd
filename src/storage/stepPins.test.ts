import { expect, it, onTestFinished, vi } from 'vitest'
import { pinnedSteps, withPinnedStep } from './stepPins.ts'

/** As browsers have them: a shared lock is held while what it was asked for goes on. */
function stubLocks() {
  const held: { name: string; mode: string }[] = [{ name: 'bunsen-run-1', mode: 'exclusive' }]
  const locks = {
    async request(name: string, { mode }: { mode: string }, work: () => Promise<unknown>) {
      const lock = { name, mode }
      held.push(lock)
      try {
        return await work()
      } finally {
        held.splice(held.indexOf(lock), 1)
      }
    },
    query: () => Promise.resolve({ held: [...held] }),
  }
  vi.stubGlobal('navigator', { locks })
  onTestFinished(() => void vi.unstubAllGlobals())
}

it('holds an entry while it is used, also by two, and lets go of it however that ends', async () => {
  stubLocks()
  expect(await pinnedSteps()).toEqual(new Set())
  const inside = await withPinnedStep('a', () => withPinnedStep('a', () => withPinnedStep('b', pinnedSteps)))
  expect(inside).toEqual(new Set(['a', 'b']))
  await expect(withPinnedStep('a', () => Promise.reject(new TypeError('lost')))).rejects.toThrow('lost')
  expect(await pinnedSteps()).toEqual(new Set())
})

it('does the work where there are no locks', async () => {
  vi.stubGlobal('navigator', {})
  onTestFinished(() => void vi.unstubAllGlobals())
  expect(await withPinnedStep('a', pinnedSteps)).toEqual(new Set())
})
