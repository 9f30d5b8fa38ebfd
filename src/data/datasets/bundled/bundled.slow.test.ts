import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundled, bundledNotices } from 'virtual:bundled-data'
import { sha256Hex } from '../../../core/sha256.ts'
import { decodeImageSet } from '../../images/imageSet.ts'
import { parseTable } from '../../table/parseTable.ts'
import { loadAllBundled, loadBundled, loadBundledText } from '../bundledNode.ts'
import { bundledSets } from '../registry.ts'

const requireHere = createRequire(import.meta.url)

describe.each(bundledSets.all)('the bundled set $id', (set) => {
  it('states a licence that its package states', () => {
    expect(statedLicences(set.packageName)).toContain(set.licence)
  })

  it('has the hash, size and name that the build lists', async () => {
    const { entry, bytes, notice } = await loadBundled(set.id)
    expect(bundled.find(({ id }) => id === set.id)).toEqual(entry)
    expect(bundledNotices.find(({ id }) => id === set.id)!.notice).toBe(notice)
    expect(notice).not.toBe('')
    expect(entry.sha256).toBe(sha256Hex(bytes))
    expect(entry.file).toMatch(new RegExp(`^${set.id}-${entry.sha256.slice(0, 8)}\\.(txt|csv|safetensors)$`))
    expect(entry.sizeBytes).toBe(bytes.length)
  })
})

const written = bundledSets.all.filter(({ kind }) => kind !== 'images').map(({ id }) => id)

it.each(written)('%s is canonical text', async (id) => {
  const text = new TextDecoder('utf-8', { fatal: true }).decode((await loadBundled(id)).bytes)
  expect(text).not.toMatch(/\r|\uFEFF|\uFFFD/)
  expect(text.endsWith('\n')).toBe(true)
})

/** SPDX names of what a package says of itself and of its resources. */
function statedLicences(packageName: string): string[] {
  const folder = requireHere.resolve
    .paths(packageName)!
    .map((path) => join(path, packageName))
    .find((path) => existsSync(path))!
  const read = (file: string) => {
    const path = join(folder, file)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Stated) : {}
  }
  const [own, data] = [read('package.json'), read('datapackage.json')]
  const ofResources = (data.resources ?? [])
    .flatMap(({ licenses }) => licenses ?? [])
    .map(({ name }) => name ?? '')
  return [own.license ?? '', data.license ?? '', ...ofResources].map((name) =>
    name === 'CC0 1.0 Universal' ? 'CC0-1.0' : name,
  )
}

interface Stated {
  license?: string
  resources?: { licenses?: { name?: string }[] }[]
}

it('offers Moby-Dick first, then other texts, images and tables', async () => {
  expect((await loadAllBundled()).map(({ entry }) => entry.id)).toEqual([
    'moby-dick',
    'state-of-the-union',
    'moby-dick-opening',
    'digits',
    'fashion',
    'emoji',
    'penguins',
    'emoji-names',
    'cldr-names',
    'emoji-keywords',
  ])
})

it('holds two thousand of each article of Fashion-MNIST, trousers narrower than coats', async () => {
  const set = decodeImageSet((await loadBundled('fashion')).bytes)
  expect(set).toMatchObject({ count: 20_000, height: 28, width: 28, channels: 1 })
  const counts = set.classes.map((_, label) => set.labels.filter((own) => own === label).length)
  expect(counts).toEqual(new Array<number>(10).fill(2000))
  const inkOf = (name: string) => {
    const first = set.labels.indexOf(set.classes.indexOf(name))
    const own = set.pixels.subarray(first * 784, (first + 100) * 784)
    return own.filter((value) => value > 64).length / own.length
  }
  expect(inkOf('trousers')).toBeLessThan(0.8 * inkOf('coat'))
  expect(inkOf('sandal')).toBeLessThan(inkOf('ankle boot'))
})

it('holds ten thousand digits, of each about a thousand, as different as digits are', async () => {
  const set = decodeImageSet((await loadBundled('digits')).bytes)
  expect(set).toMatchObject({ count: 10_000, height: 28, width: 28, channels: 1, classes: [...'0123456789'] })
  const counts = set.classes.map((_, label) => set.labels.filter((own) => own === label).length)
  expect(Math.min(...counts)).toBeGreaterThan(800)
  // A one is a thin stroke, a zero a wide ring: less of the image is ink.
  const ink = (label: number) => {
    const first = set.labels.indexOf(label) * 784
    return set.pixels.subarray(first, first + 784 * 500).reduce((sum, value) => sum + value, 0)
  }
  expect(ink(1)).toBeLessThan(0.6 * ink(0))
})

it('holds emoji with their names and groups, drawn in their colours', async () => {
  const set = decodeImageSet((await loadBundled('emoji')).bytes)
  expect(set).toMatchObject({ height: 32, width: 32, channels: 3 })
  expect(set.count).toBeGreaterThan(1800)
  expect(set.classes).toContain('Animals & Nature')
  expect(new Set(set.captions).size).toBe(set.count)
  // Mean red, green and blue of what is no background.
  const colorOf = (name: string) => {
    const at = set.captions.indexOf(name) * 3072
    const own = set.pixels.subarray(at, at + 3072)
    const [sums, count] = [
      [0, 0, 0],
      [0, 0, 0],
    ]
    own.forEach((value, i) => {
      const pixel = i - (i % 3)
      if (Math.min(own[pixel]!, own[pixel + 1]!, own[pixel + 2]!) > 250) return
      sums[i % 3]! += value
      count[i % 3]!++
    })
    return sums.map((sum, i) => sum / count[i]!)
  }
  const [red, green] = [colorOf('red heart'), colorOf('green heart')]
  expect(red[0]!).toBeGreaterThan(2 * red[1]!)
  expect(green[1]!).toBeGreaterThan(green[0]! + 30)
  expect(green[1]!).toBeGreaterThan(green[2]! + 30)
})

it('holds names in five languages, no two of them the same in English', async () => {
  const { columns, rows } = parseTable(await loadBundledText('cldr-names'))
  expect(columns).toEqual(['en', 'de', 'fr', 'es', 'it'])
  expect(rows.length).toBeGreaterThan(2800)
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
  const of = (name: string) => rows.find(([own]) => own === name)
  expect(of('winking face')).toEqual([
    'winking face',
    'zwinkerndes Gesicht',
    'visage faisant un clin d’œil',
    'cara guiñando el ojo',
    'faccina che fa l’occhiolino',
  ])
  expect(of('Germany')!.slice(1)).toEqual(['Deutschland', 'Allemagne', 'Alemania', 'Germania'])
  expect(of('Kashubian')![1]).toBe('Kaschubisch')
})

it('holds every penguin, and what is not known of one as an empty cell', async () => {
  const { columns, rows } = parseTable(await loadBundledText('penguins'))
  expect(columns.slice(0, 2)).toEqual(['Species', 'Island'])
  expect(rows).toHaveLength(344)
  const of = (name: string) => rows.map((row) => row[columns.indexOf(name)])
  expect(new Set(of('Species'))).toEqual(new Set(['Adelie', 'Chinstrap', 'Gentoo']))
  expect(new Set(of('Sex'))).toEqual(new Set(['MALE', 'FEMALE', '']))
  expect(of('Body Mass (g)').filter((cell) => cell === '')).toHaveLength(2)
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
