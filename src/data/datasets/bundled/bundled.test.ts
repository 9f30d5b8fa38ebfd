import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { bundled, bundledNotices } from 'virtual:bundled-data'
import { sha256Hex } from '../../../core/sha256.ts'
import { loadAllBundled, loadBundled, loadBundledText } from '../bundledNode.ts'
import { bundledSets } from '../registry.ts'

const requireHere = createRequire(import.meta.url)

describe.each(bundledSets.all)('the bundled set $id', (set) => {
  it('states the licence that its package states', () => {
    const stated = requireHere(`${set.packageName}/datapackage.json`) as { license: string }
    expect(set.licence).toBe(stated.license)
  })

  it('is canonical text under the hash, size and name that the build lists', async () => {
    const { entry, bytes, notice } = await loadBundled(set.id)
    expect(bundled.find(({ id }) => id === set.id)).toEqual(entry)
    expect(bundledNotices.find(({ id }) => id === set.id)!.notice).toBe(notice)
    expect(notice).toContain('Creative Commons Zero')
    expect(entry.sha256).toBe(sha256Hex(bytes))
    expect(entry.file).toBe(`${set.id}-${entry.sha256.slice(0, 8)}.txt`)
    expect(entry.sizeBytes).toBe(bytes.length)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    expect(text).not.toMatch(/\r|\uFEFF|\uFFFD/)
    expect(text.endsWith('\n')).toBe(true)
  })
})

it('offers Moby-Dick first and State of the Union second', async () => {
  expect((await loadAllBundled()).map(({ entry }) => entry.id)).toEqual([
    'moby-dick',
    'state-of-the-union',
    'moby-dick-opening',
  ])
})

it('holds the chapters of Moby-Dick in reading order', async () => {
  const text = await loadBundledText('moby-dick')
  expect(text.startsWith('CHAPTER 1. Loomings.\n\nCall me Ishmael.')).toBe(true)
  const numbers = [...text.matchAll(/^CHAPTER (\d+)\./gm)].map(([, number]) => Number(number))
  expect(numbers).toEqual(Array.from({ length: 135 }, (_, i) => i + 1))
  expect(text).toContain('AND I ONLY AM ESCAPED')
  expect(text.startsWith((await loadBundledText('moby-dick-opening')).trimEnd())).toBe(true)
})

it('holds the addresses from Washington on, by year', async () => {
  const text = await loadBundledText('state-of-the-union')
  const years = [...text.matchAll(/^[^\n,]{5,40}, (\d{4})$/gm)].map(([, year]) => Number(year))
  expect(text.startsWith('George Washington, 1790\n\nFellow-Citizens')).toBe(true)
  expect(years.length).toBe(233)
  expect(years.every((year, i) => year >= (years[i - 1] ?? 0))).toBe(true)
})

it('names the sets that there are when one is unknown', async () => {
  await expect(loadBundled('moby-dik')).rejects.toMatchObject({
    code: 'unknown-name',
    remedy: 'Did you mean moby-dick?',
  })
})
