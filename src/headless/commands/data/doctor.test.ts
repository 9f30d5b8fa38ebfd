import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordingIo } from '../../../../tests/helpers/commandIo.ts'
import type { Diagnosis } from '../../../core/finding.ts'
import { Generator } from '../../../core/rng.ts'
import { decodeImageSet, encodeImageSet } from '../../../data/images/imageSet.ts'
import { parseTable } from '../../../data/table/parseTable.ts'
import { writeTable } from '../../../data/table/writeTable.ts'
import data from '../data.ts'

let folder = ''
const at = (name: string) => join(folder, name)
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'bunsen-doctor-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function doctor(...args: string[]): Promise<{ lines: string[]; notes: string[] }> {
  const { io, lines } = recordingIo()
  const notes: string[] = []
  expect(await data.run(['doctor', ...args], { ...io, note: (line) => notes.push(line) })).toBe(0)
  return { lines, notes }
}
const found = async (...args: string[]) =>
  JSON.parse((await doctor(...args, '--json')).lines[0]!) as Diagnosis
const itemsOf = ({ findings }: Diagnosis, check: string) =>
  findings.filter((finding) => finding.check === check).map(({ items }) => items)

/** Two clouds of points that their labels tell apart, but for three that are flipped; two rows are copies. */
const flipped = [7, 20, 41]
const rows = (() => {
  const normals = new Generator(3, 'doctor command').normals(160, 0)
  const own = Array.from({ length: 80 }, (_, i) => {
    const side = i % 2
    const label = (flipped.includes(i) ? 1 - side : side) ? 'right' : 'left'
    return [(normals[2 * i]! + 8 * side).toFixed(3), (normals[2 * i + 1]! + 8 * side).toFixed(3), label]
  })
  return [...own, own[4]!, own[9]!]
})()

describe('a table', () => {
  beforeEach(() => writeFileSync(at('points.csv'), writeTable([['x', 'y', 'label'], ...rows])))

  it('is told what is wrong with it, in words and as JSON, and its flipped labels are found', async () => {
    const diagnosis = await found(at('points.csv'))
    expect(diagnosis).toMatchObject({ name: 'points.csv', kind: 'table', count: 82 })
    expect(
      itemsOf(diagnosis, 'mislabelled')
        .flat()
        .sort((a, b) => a - b),
    ).toEqual(flipped)
    expect(itemsOf(diagnosis, 'duplicates')).toEqual([
      [4, 80],
      [9, 81],
    ])
    const { lines } = await doctor(at('points.csv'))
    expect(lines).toContain('Labels that are likely wrong: 3 labels are probably wrong.')
    expect(lines).toContain('  warning: Items 4, 80 are the same. Drop item 80. (100 % sure)')
  })

  it('is mended: copies dropped by default, labels where it is asked for; what is written has the rest as it was', async () => {
    const { notes } = await doctor(at('points.csv'), '--fix', at('single.csv'))
    expect(notes.at(-1)).toBe(`${at('single.csv')}: 80 items, 2 left out, 0 labelled anew.`)
    expect(parseTable(readFileSync(at('single.csv'), 'utf8')).rows).toEqual(rows.slice(0, 80))

    await doctor(at('points.csv'), '--fix', at('mended.csv'), '--drop', 'duplicates', '--relabel', '0.5')
    const mended = parseTable(readFileSync(at('mended.csv'), 'utf8')).rows
    const other = (label: string) => (label === 'left' ? 'right' : 'left')
    expect(mended).toEqual(
      rows.slice(0, 80).map((row, i) => (flipped.includes(i) ? row.with(2, other(row[2]!)) : row)),
    )
    expect((await found(at('mended.csv'))).findings).toEqual([])
    const sound = await doctor(at('mended.csv'), '--fix', at('again.csv'))
    expect(sound.notes.at(-1)).toMatch(/again.csv: not written, there is nothing to mend/)
    expect(existsSync(at('again.csv'))).toBe(false)
  })

  it('is held against rules, and told as a page', async () => {
    writeFileSync(at('rules.json'), '{"columns": {"x": {"max": 6}, "label": {"values": ["left", "right"]}}}')
    const diagnosis = await found(at('points.csv'), '--rules', at('rules.json'), '--html', at('report.html'))
    const over = [...rows.keys()].filter((i) => Number(rows[i]![0]) > 6)
    expect(itemsOf(diagnosis, 'rules')).toEqual([over])
    expect(readFileSync(at('report.html'), 'utf8')).toContain('<h1>Check of points.csv</h1>')
  })

  it.each([
    [['--drop', 'duplicates'], /--drop and --relabel are of --fix/],
    [['--fix', 'out.csv', '--drop', 'duplicate'], /there is no check "duplicate"/],
    [['--fix', 'out.png'], /written as .csv, got "out.png"/],
    [['--rules', 'nowhere.json'], /nowhere.json cannot be read/],
    [['--labels', 'lable'], /no column "lable"/],
  ])('refuses %j', async (args, message) => {
    await expect(doctor(at('points.csv'), ...args)).rejects.toThrow(message)
  })

  it('is not written over', async () => {
    await expect(doctor(at('points.csv'), '--fix', at('points.csv'))).rejects.toThrow(/written over/)
  })
})

it('mends pictures to a set that is read again with its classes', async () => {
  const pixels = new Uint8Array(12 * 64)
  new Generator(4, 'pictures').normals(12 * 64, 0).forEach((value, i) => (pixels[i] = 128 + 40 * value))
  pixels.copyWithin(11 * 64, 64, 128)
  const set = { count: 12, height: 8, width: 8, channels: 1, pixels, captions: [] }
  const labels = Int32Array.from({ length: 12 }, (_, i) => i % 2)
  writeFileSync(at('a.safetensors'), encodeImageSet({ ...set, classes: ['cat', 'dog'], labels }))
  expect(itemsOf(await found(at('a.safetensors')), 'duplicates')).toEqual([[1, 11]])
  await doctor(at('a.safetensors'), '--fix', at('b.safetensors'))
  const mended = decodeImageSet(readFileSync(at('b.safetensors')))
  expect([mended.count, mended.classes]).toEqual([11, ['cat', 'dog']])
  expect(mended.pixels).toEqual(pixels.subarray(0, 11 * 64))
  expect(itemsOf(await found(at('b.safetensors')), 'duplicates')).toEqual([])
})

it('mends texts by their passages', async () => {
  const long = 'A passage that is long enough to be told from others, and says it twice.'
  writeFileSync(at('a.txt'), `${long}\n\nBetween them.\n\n${long}\n\nWrite to ada@mail.org.\n`)
  const diagnosis = await found(at('a.txt'))
  expect(itemsOf(diagnosis, 'duplicates')).toEqual([[0, 2]])
  expect(itemsOf(diagnosis, 'personal-data')).toEqual([[3]])
  await doctor(at('a.txt'), '--fix', at('b.txt'), '--drop', 'duplicates,personal-data')
  expect(readFileSync(at('b.txt'), 'utf8')).toBe(`${long}\n\nBetween them.\n\n`)
})
