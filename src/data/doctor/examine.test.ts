import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sha256Hex } from '../../core/sha256.ts'
import { encodeImageSet } from '../images/imageSet.ts'
import { contentOf } from '../preparing/content.ts'
import { createMemoryStepStore } from '../steps/memoryStepStore.ts'
import { StepRunner } from '../steps/stepRunner.ts'
import { writeTable } from '../table/writeTable.ts'
import { checks } from './checks.ts'
import { diagnose } from '../../../tests/helpers/diagnose.ts'
import { readDoctorSet } from './doctorSet.ts'
import { examine, keptDiagnosis, type ExamineRequest } from './examine.ts'
import { isExamined } from './isExamined.ts'
import { parseRules } from './rules.ts'

const rows = Array.from({ length: 40 }, (_, i) => [String(i % 20), (i / 7).toFixed(2), i % 2 ? 'yes' : 'no'])
const table = new TextEncoder().encode(writeTable([['a', 'b', 'label'], ...rows, rows[3]!]))

function requestFor(bytes: Uint8Array, change: Partial<ExamineRequest> = {}) {
  let reads = 0
  const pieces = async function* () {
    reads++
    yield bytes
  }
  const request: ExamineRequest = {
    name: 'set',
    kind: 'table',
    content: contentOf(pieces, bytes.length),
    contentSha256: sha256Hex(bytes),
    labels: null,
    rules: null,
    seed: 0,
    ...change,
  }
  return { request, reads: () => reads }
}

it('says what diagnose says, and the second time computes and reads nothing', async () => {
  const store = createMemoryStepStore()
  const set = readDoctorSet('table', table, { name: 'set', labels: null })
  const expected = diagnose(set, { seed: 0 })
  expect(expected.findings.map(({ check }) => check)).toContain('duplicates')
  expect(await isExamined(store, sha256Hex(table))).toBe(false)
  expect(await keptDiagnosis(new StepRunner(store), requestFor(table).request)).toBeNull()

  const told = new Set<string>()
  const first = requestFor(table, { onProgress: ({ title }) => void told.add(title) })
  const { diagnosis, reports } = await examine(new StepRunner(store), first.request)
  expect(diagnosis).toEqual(expected)
  expect(reports.every(({ outcome }) => outcome === 'computed')).toBe(true)
  expect([...told]).toEqual(checks.all.map(({ title }) => title))

  const second = requestFor(table, { name: 'renamed', onProgress: () => expect.unreachable() })
  const again = await examine(new StepRunner(store), second.request)
  expect(again.diagnosis).toEqual({ ...expected, name: 'renamed' })
  expect(again.reports.every(({ outcome }) => outcome !== 'computed')).toBe(true)
  expect([first.reads(), second.reads()]).toEqual([1, 0])
  expect(await isExamined(store, sha256Hex(table))).toBe(true)
  expect(await isExamined(store, sha256Hex(table.subarray(1)))).toBe(false)
  expect(await keptDiagnosis(new StepRunner(store), second.request)).toEqual(again.diagnosis)
})

it('runs with other rules nothing but their check', async () => {
  const runner = new StepRunner(createMemoryStepStore())
  await examine(runner, requestFor(table).request)
  const rules = parseRules('{"columns": {"b": {"max": 5}}}')
  const { diagnosis, reports } = await examine(runner, requestFor(table, { rules }).request)
  const computed = reports.filter(({ outcome }) => outcome === 'computed').map(({ step }) => step)
  expect(computed).toEqual(['doctor/rules', 'doctor/diagnosis'])
  // 36 / 7 is the first over 5; the last row is a copy of the fourth.
  expect(diagnosis.findings.find(({ check }) => check === 'rules')!.items).toEqual([36, 37, 38, 39])
})

it('looks at texts and pictures too', async () => {
  const text = new TextEncoder().encode('The same passage, twice over here.\n\nAnother one.\n\n'.repeat(2))
  const runner = new StepRunner(createMemoryStepStore())
  const ofText = await examine(runner, requestFor(text, { kind: 'text' }).request)
  expect(ofText.diagnosis).toMatchObject({ kind: 'text', count: 4, labels: null })
  expect(
    ofText.diagnosis.findings.filter(({ check }) => check === 'duplicates').map(({ items }) => items),
  ).toEqual([
    [0, 2],
    [1, 3],
  ])
  const pixels = Uint8Array.from({ length: 6 * 64 }, (_, i) => (i * 37 + Math.floor(i / 64) * 91) % 256)
  pixels.copyWithin(5 * 64, 64, 128)
  const frame = { count: 6, height: 8, width: 8, channels: 1, pixels, captions: [] }
  const pictures = encodeImageSet({ ...frame, classes: ['a', 'b'], labels: Int32Array.of(0, 1, 0, 1, 0, 1) })
  const ofPictures = await examine(runner, requestFor(pictures, { kind: 'images' }).request)
  expect(ofPictures.diagnosis.labels).toEqual({ column: 'label', classes: ['a', 'b'] })
  expect(ofPictures.diagnosis.findings.find(({ check }) => check === 'duplicates')!.items).toEqual([1, 5])
})

it('can keep what it says of any table, and every finding names items that there are', async () => {
  const cell = fc.constantFrom('', 'a', 'b', '?', '1', '1e308', '-1e308', '0', 'x@y.org', '\uFFFD', ' ')
  const tables = fc.array(fc.tuple(cell, cell, fc.constantFrom('yes', 'no', '')), { minLength: 4 })
  await fc.assert(
    fc.asyncProperty(tables, async (cells) => {
      const bytes = new TextEncoder().encode(writeTable([['first', 'second', 'label'], ...cells]))
      let set
      try {
        set = readDoctorSet('table', bytes, { name: '', labels: null })
      } catch {
        return
      }
      const runner = new StepRunner(createMemoryStepStore())
      const { diagnosis } = await examine(runner, requestFor(bytes).request)
      const items = diagnosis.findings.flatMap(({ items: own, fix }) => [
        ...own,
        ...(fix.kind === 'drop' ? fix.items : []),
      ])
      expect(items.filter((item) => !(item >= 0 && item < set.count))).toEqual([])
      expect(diagnosis.checks.filter(({ findings, headline }) => findings > 0 !== headline > '')).toEqual([])
    }),
    {
      numRuns: 60,
      // Numbers that are infinite as 32 bits.
      examples: [
        [
          Array.from({ length: 10 }, (_, i): [string, string, string] => [
            i % 2 ? '1e308' : '',
            '',
            i % 3 ? 'yes' : 'no',
          ]),
        ],
      ],
    },
  )
})
