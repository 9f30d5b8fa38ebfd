import { expect, it } from 'vitest'
import { readFiles } from '../../../tests/helpers/importedFiles.ts'
import { takeUnits } from '../splits/parts/units.ts'
import { describeSet } from '../inspect/describeSet.ts'
import { memorySource } from '../reading/source.ts'
import { asFound } from '../../core/reading.ts'
import { readTable } from './importTable.ts'
import { parseTable } from './parseTable.ts'

async function tableOf(name: string, text: string) {
  const { content, summary } = await readFiles([memorySource(name, text)])
  expect(summary.kind).toBe('table')
  return { content, table: parseTable(new TextDecoder().decode(content)) }
}

it('has as many columns as its first line, however long that is, and is described in a time that grows with them', async () => {
  const columns = Array.from({ length: 60_000 }, (_, i) => `c${i}`)
  const row = (of: number) => columns.map((_, i) => (i * of) % 7).join()
  const { content, table } = await tableOf('wide.csv', [columns.join(), row(1), row(2), row(3)].join('\n'))
  expect(table.columns).toEqual(columns)
  expect(table.rows).toHaveLength(3)
  const pieces = async function* () {
    yield content
  }
  const { suggestion } = await describeSet('table', pieces())
  expect(suggestion.target).toBe('c59999')
}, 20_000)

it('has as many rows as a JSON list, though no call takes so many arguments', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => ({ a: i, b: i % 2 }))
  const { table } = await tableOf('long.json', JSON.stringify(rows))
  expect(table.rows).toHaveLength(200_000)
  const items = Array.from({ length: 200_000 }, (_, i) => i)
  expect(takeUnits([items], 200_000)).toEqual(items)
})

it('is what lies one step inside objects; what lies deeper is none, and no stack ends with it', async () => {
  const pairs = '{"translation":{"en":"a cat","de":"eine Katze"}}\n'.repeat(3)
  expect((await tableOf('pairs.jsonl', pairs)).table.columns).toEqual(['en', 'de'])
  const deep = '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)
  const { summary } = await readFiles([memorySource('deep.jsonl', `{"text":"x"}\n{"text":"y"}\n${deep}\n`)])
  expect([summary.kind, summary.counts.records]).toEqual(['text', 2])
})

it('has no cell of what all objects have', async () => {
  const { table } = await tableOf('odd.jsonl', '{"a":1,"constructor":2}\n{"a":3}\n{"a":4}\n')
  expect(table.rows.map((cells) => cells[1])).toEqual(['2', '', ''])
})

const numbers = `a,b\n${'1,2\n'.repeat(40_000)}`
const objects = '{"a":1,"b":2}\n'.repeat(10_000)
const reviews = `stars,review\n${'5,"a text, much longer than a word or a number is"\n'.repeat(3000)}`

/** As from a packed file, whose size is known only once it is read. */
const unknownSize = (name: string, text: string) => ({ ...memorySource(name, text), sizeBytes: 10 })

it.each([
  ['numbers', memorySource('a.csv', numbers)],
  ['packed numbers', unknownSize('a.csv', numbers)],
  ['objects', memorySource('a.jsonl', objects)],
  ['a list of objects', memorySource('a.json', `[\n${objects.trim().replaceAll('\n', ',\n')}\n]`)],
])(
  'is refused where it is too large and has no text that could be taken instead: %s',
  async (_what, file) => {
    expect(await readTable(file, undefined, asFound)).not.toBeNull()
    await expect(readTable(file, undefined, asFound, 100_000)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/^a\.\w+: a table may have 0\.1 MB/) as unknown,
    })
  },
)

it('is a text of its longest column where it is too large and has one', async () => {
  expect(await readTable(memorySource('a.csv', reviews), undefined, asFound, 100_000)).toBeNull()
  expect(
    await readTable(memorySource('a.txt', 'One line.\n'.repeat(20_000)), undefined, asFound, 100_000),
  ).toBeNull()
  const list = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ id: i, text: 'words '.repeat(20) })))
  expect(await readTable(memorySource('a.json', list), undefined, asFound, 100_000)).toBeNull()
})

it('is refused as rows of a file that knows its columns', async () => {
  const held = {
    kind: 'rows' as const,
    importer: 'parquet',
    columns: ['a', 'b'],
    async *rows() {
      for (let i = 0; i < 40_000; i++) yield ['1', '2']
    },
  }
  const file = { ...memorySource('a.parquet', 'x'), held }
  await expect(readTable(file, undefined, asFound, 100_000)).rejects.toMatchObject({ code: 'too-large' })
})
