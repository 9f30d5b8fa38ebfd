import { describe, expect, test, vi } from 'vitest'
import { ensureSpace, requestPersistence, storageEstimate } from './quota.ts'

const source = (usage: number, quota: number) => ({ estimate: () => Promise.resolve({ usage, quota }) })
const megabyte = 1e6

describe('space', () => {
  test('is told with whether it is safe from eviction', async () => {
    const persisted = () => Promise.resolve(true)
    expect(await storageEstimate({ ...source(3, 10), persisted })).toEqual({
      usedBytes: 3,
      quotaBytes: 10,
      isPersisted: true,
    })
  })

  test('is unknown where the browser says nothing, fails, or has no such interface', async () => {
    expect(await storageEstimate(null)).toBeNull()
    expect(await storageEstimate({})).toBeNull()
    expect(await storageEstimate({ estimate: () => Promise.resolve({}) })).toBeNull()
    expect(await storageEstimate({ estimate: () => Promise.reject(new TypeError('no')) })).toBeNull()
    await expect(ensureSpace(1e15, '', {})).resolves.toBeUndefined()
  })

  test('suffices only with room for what the browser adds', async () => {
    await expect(ensureSpace(10 * megabyte, '', source(0, 12 * megabyte))).resolves.toBeUndefined()
    const tight = ensureSpace(10 * megabyte, 'All is kept.', source(0, 11 * megabyte))
    await expect(tight).rejects.toMatchObject({
      name: 'StorageError',
      code: 'quota-exceeded',
      message: 'storage: 10 MB must be stored, but 11 MB of the 11 MB for this site are free. All is kept.',
      details: {
        rule: '10 MB must be stored, but 11 MB of the 11 MB for this site are free',
        neededBytes: 10 * megabyte,
        freeBytes: 11 * megabyte,
        quotaBytes: 11 * megabyte,
        usedBytes: 0,
      },
    })
  })

  test('below zero counts as none', async () => {
    const over = ensureSpace(1, '', source(20, 10))
    await expect(over).rejects.toMatchObject({ details: { freeBytes: 0 } })
  })
})

test('persistence is asked for once', async () => {
  const persist = vi.fn(() => Promise.resolve(true))
  const persisted = () => Promise.resolve(false)
  expect(await requestPersistence({ persist, persisted })).toBe(true)
  expect(await requestPersistence({ persist, persisted })).toBe(true)
  expect(persist).toHaveBeenCalledOnce()
})
