import { expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import { writeTable } from '../../table/writeTable.ts'
import { checks } from '../checks.ts'
import { diagnose } from '../../../../tests/helpers/diagnose.ts'
import { readDoctorSet } from '../doctorSet.ts'
import { passesLuhn, passesMod97 } from '../personalData.ts'
import { reportLines } from '../report.ts'

const generator = new Generator(5, 'planted')
const words = 'river stone cloud maple engine copper window garden signal harbour pencil lantern'.split(' ')
const sentence = (row: number) =>
  Array.from({ length: 12 }, (_, i) => words[generator.below(words.length, row, i)]!).join(' ')

/** Sixty rows with nothing wrong: sentences, a number, two classes that nothing tells. */
function cleanRows(): string[][] {
  const numbers = generator.normals(60, 1000)
  return Array.from({ length: 60 }, (_, i) => [sentence(i), numbers[i]!.toFixed(3), i % 2 ? 'yes' : 'no'])
}

function setOf(rows: readonly string[][], columns = ['text', 'size', 'label']) {
  const bytes = new TextEncoder().encode(writeTable([columns, ...rows]))
  return readDoctorSet('table', bytes, { name: 'planted', labels: null })
}

const run = (id: string, rows: readonly string[][], columns?: string[]) =>
  checks.get(id).run(setOf(rows, columns), { seed: 0 })

it('finds nothing in a clean set but labels that nothing tells', () => {
  const { findings } = diagnose(setOf(cleanRows()), { seed: 0 })
  expect(findings.filter(({ check }) => check !== 'mislabelled')).toEqual([])
})

it('finds items that are the same, and that their labels differ', () => {
  const rows = cleanRows()
  rows[10] = [...rows[3]!]
  rows[21] = [rows[4]![0]!, rows[4]![1]!, 'yes']
  const findings = run('duplicates', rows)
  expect(findings.map(({ items, severity }) => [severity, ...items])).toEqual([
    ['error', 3, 10].with(0, rows[3]![2] === rows[10]![2] ? 'warning' : 'error'),
    ['error', 4, 21],
  ])
})

it('calls the same item in two parts a leak', () => {
  const rows = cleanRows().map((row, i) => [...row.slice(0, 2), i < 40 ? 'train' : 'test', row[2]!])
  rows[50] = [rows[6]![0]!, rows[6]![1]!, 'test', rows[6]![3]!]
  for (const column of ['split', 'part']) {
    const [leak] = run('duplicates', rows, ['text', 'size', column, 'label'])
    expect(leak).toMatchObject({ severity: 'error', items: [6, 50], values: { parts: 'train, test' } })
  }
})

it('finds texts that differ in case, punctuation and a word', () => {
  const rows = cleanRows()
  rows[30] = [`${rows[2]![0]!.toUpperCase()}!`, '0.5', 'no']
  expect(run('near-duplicate-texts', rows).map(({ items }) => items)).toEqual([[2, 30]])
})

it('finds a number far from all others', () => {
  const rows = cleanRows()
  rows[7]![1] = '900'
  expect(run('numeric-outliers', rows).map(({ items, values }) => [items, values['value']])).toEqual([
    [[7], 900],
  ])
})

it('finds columns that never change, are mostly missing or hold the answer', () => {
  const rows = cleanRows().map((row, i) => [
    ...row.slice(0, 2),
    'x',
    i % 2 ? 'a' : 'b',
    i % 3 ? '' : '1.5',
    row[2]!,
  ])
  const findings = run('columns', rows, ['text', 'size', 'same', 'answer', 'gaps', 'label'])
  expect(findings.map(({ fix }) => fix)).toEqual(
    ['same', 'answer', 'gaps'].map((column) => ({ kind: 'drop-column', column })),
  )
})

it('finds damaged, empty and endless texts', () => {
  const rows = cleanRows()
  rows[1]![0] = `cafÃ© ${rows[1]![0]!}`
  rows[2]![0] = `caf\uFFFD ${rows[2]![0]!}`
  rows[3]![0] = ''
  rows[4]![0] = rows[4]![0]!.repeat(50)
  expect(run('text-damage', rows).map(({ items }) => items)).toEqual([[2], [1]])
  expect(run('text-lengths', rows).map(({ items }) => items)).toEqual([[3], [4]])
})

it('finds rare classes and rows without one', () => {
  const rows = cleanRows()
  rows[5]![2] = 'maybe'
  rows[6]![2] = ''
  expect(run('class-imbalance', rows).map(({ values, items }) => values['class'] ?? items)).toEqual([
    'maybe',
    [6],
  ])
})

it('finds personal data and never shows it', () => {
  const planted = [
    'write to ada.lovelace@mail.org now',
    'card 4111 1111 1111 1111 please',
    'pay DE89 3704 0044 0532 0130 00 today',
    'call +49 30 1234 5678 90 soon',
    'from 93.184.216.34 again',
  ]
  const rows = cleanRows()
  planted.forEach((text, i) => (rows[10 * i]![0] = text))
  const findings = run('personal-data', rows)
  expect(findings.map(({ items }) => items[0])).toEqual([0, 10, 20, 30, 40])
  expect(JSON.stringify(findings)).not.toMatch(/ada|4111|8937|3704|1234|184/)
})

it('takes dates, versions, codes and numbers that fail their check digit for no personal data', () => {
  const rows = cleanRows()
  const harmless = [
    'on 2026-11-29 at 10:30',
    'version 10.0.0.1',
    'number 4111 1111 1111 1112',
    'DE89 3704 0044 0532 0130 01',
  ]
  harmless.forEach((text, i) => (rows[i]![0] = text))
  expect(run('personal-data', rows)).toEqual([])
  expect([passesLuhn('79927398713'), passesLuhn('79927398710')]).toEqual([true, false])
  expect([passesMod97('GB82WEST12345698765432'), passesMod97('GB82WEST12345698765431')]).toEqual([
    true,
    false,
  ])
})

it('tells what it found as lines, check by check', () => {
  const rows = cleanRows()
  rows[10] = [...rows[4]!]
  const lines = reportLines(diagnose(setOf(rows), { seed: 0 }))
  expect(lines[0]).toMatch(/^planted: 60 items, 0 errors, \d+ warnings?, 0 remarks$/)
  expect(lines).toContain('  warning: Items 4, 10 are the same. Drop item 10. (100 % sure)')
})

it('finds pictures that are nearly the same, among ones that are not', () => {
  const count = 40
  const side = 20
  const blobs = generator.normals(count * 8, 77)
  const draw = (item: number, noise: number) =>
    Uint8Array.from({ length: side * side }, (_, at) => {
      const [y, x] = [Math.floor(at / side) / side, (at % side) / side]
      let value = 0
      for (let k = 0; k < 4; k++)
        value += Math.sin(6 * (blobs[item * 8 + 2 * k]! * x + blobs[item * 8 + 2 * k + 1]! * y) + k)
      return Math.max(0, Math.min(255, 128 + 28 * value + noise * ((at * 7919) % 5)))
    })
  const pixels = new Uint8Array((count + 1) * side * side)
  for (let item = 0; item < count; item++) pixels.set(draw(item, 0), item * side * side)
  pixels.set(draw(11, 1), count * side * side)
  const images = {
    count: count + 1,
    height: side,
    width: side,
    channels: 1,
    pixels,
    classes: [],
    captions: [],
  }
  const set = {
    name: 'waves',
    kind: 'images' as const,
    count: count + 1,
    columns: [],
    images: { ...images, labels: new Int32Array(0) },
    labels: null,
    parts: null,
  }
  const findings = checks.get('near-duplicate-images').run(set, { seed: 0 })
  expect(findings.map(({ items }) => items)).toEqual([[11, count]])
})
