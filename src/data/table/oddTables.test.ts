import { expect, it } from 'vitest'
import { readFiles } from '../../../tests/helpers/importedFiles.ts'
import { takeUnits } from '../splits/parts/units.ts'
import { describeSet } from '../inspect/describeSet.ts'
import { memorySource } from '../reading/source.ts'
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
