import { describe, expect, it } from 'vitest'
import { asFound, type Reading } from '../core/reading.ts'
import { importFiles, type ImportedSummary } from './importFiles.ts'
import { memorySource } from './reading/source.ts'
import { parseTable } from './table/parseTable.ts'

/** The content and what is said of it. */
async function read(
  name: string,
  content: string | Uint8Array,
  told: Partial<Reading> = {},
): Promise<{ text: string; summary: ImportedSummary }> {
  const reader = importFiles([memorySource(name, content)], { reading: { ...asFound, ...told } })
  let text = ''
  for (;;) {
    const next = await reader.next()
    if (next.done) return { text, summary: next.value }
    text += new TextDecoder().decode(next.value)
  }
}

describe('a table', () => {
  it('says how it was read, and is stored as the file has it', async () => {
    const content = 'name;size\na;1\nb;2\n'
    const { text, summary } = await read('a.csv', content)
    expect(text).toBe(content)
    expect(summary.found).toEqual({ encoding: 'utf-8', delimiter: 'semicolon', header: 'yes' })
  })

  it('is parted as it is told, and what is stored reads the same without being told', async () => {
    const content = 'a,b|c\n1,5|2\n2,5|3\n'
    const { text, summary } = await read('a.txt', content, { delimiter: 'bar' })
    expect(summary).toMatchObject({ kind: 'table', found: { delimiter: 'bar' } })
    expect(parseTable(text)).toEqual({
      columns: ['a,b', 'c'],
      rows: [
        ['1.5', '2'],
        ['2.5', '3'],
      ],
      skipped: 0,
    })
    // Bars part these rows as well as commas: the first line says that they do not.
    const columns = async (delimiter: Reading['delimiter']) =>
      parseTable((await read('a.csv', content, { delimiter })).text).columns
    expect(await columns('comma')).toEqual(['a', 'b|c'])
  })

  it('has numbers as people write them, which are stored as programs do', async () => {
    const { text, summary } = await read('a.csv', '2,07;7,78;4.408,75\n7,11;3,04;8.022,36\n1,5;2,5;3,5\n')
    expect(parseTable(text)).toMatchObject({
      columns: ['column 1', 'column 2', 'column 3'],
      rows: [
        ['2.07', '7.78', '4408.75'],
        ['7.11', '3.04', '8022.36'],
        ['1.5', '2.5', '3.5'],
      ],
    })
    expect(summary.notices).toEqual([
      { level: 'info', message: 'Numbers of 3 columns were written for people: 2,07 is 2.07 here.' },
    ])
    const named = parseTable((await read('b.csv', 'Höhe;Preis\n1,5;$5\n2,5;$1.200\n')).text)
    expect(named).toMatchObject({
      columns: ['Höhe', 'Preis'],
      rows: [
        ['1.5', '5'],
        ['2.5', '1200'],
      ],
    })
  })

  it('takes its first row for data or for names as it is told', async () => {
    const content = 'name,size\na,1\nb,2\n'
    const data = parseTable((await read('a.csv', content, { header: 'no' })).text)
    expect(data).toMatchObject({
      columns: ['column 1', 'column 2'],
      rows: [
        ['name', 'size'],
        ['a', '1'],
        ['b', '2'],
      ],
    })
    const names = parseTable((await read('a.csv', '1,2\n3,4\n5,6\n', { header: 'yes' })).text)
    expect(names).toMatchObject({
      columns: ['1', '2'],
      rows: [
        ['3', '4'],
        ['5', '6'],
      ],
    })
  })

  it('that cannot be parted so is refused, not taken for a text', async () => {
    await expect(read('a.csv', 'a,b\n1,2\n3,4\n', { delimiter: 'tab' })).rejects.toMatchObject({
      name: 'DataError',
      code: 'table-too-small',
    })
  })

  it('may have as many broken rows as are allowed', async () => {
    const good = Array.from({ length: 8 }, (_, i) => `${i},${i * i}`)
    const content = `n,square\n${good.join('\n')}\n1,2,3\n4\n`
    const { summary } = await read('a.csv', content, { mostBroken: 0.2 })
    expect(summary.notices.at(-1)!.message).toMatch(/^a\.csv: 2 of 10 rows are broken/)
    await expect(read('a.csv', content, { mostBroken: 0.19 })).rejects.toMatchObject({
      code: 'broken-records',
      details: { skipped: 2, total: 10 },
    })
  })

  it('counts broken lines of JSON among them', async () => {
    const lines = [...Array.from({ length: 8 }, (_, i) => `{"n":${i},"m":${i}}`), '{"n":', 'nothing'].join(
      '\n',
    )
    const { summary } = await read('a.jsonl', lines, { mostBroken: 0.2 })
    expect([summary.kind, summary.counts.records]).toEqual(['table', 8])
    await expect(read('a.jsonl', lines, { mostBroken: 0.1 })).rejects.toMatchObject({
      code: 'broken-records',
    })
  })
})

describe('a text', () => {
  // "Привет, мир" by hand: in Windows-1251 capital letters begin at 0xc0, small ones at 0xe0.
  const cyrillic = Uint8Array.of(0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x2c, 0x20, 0xec, 0xe8, 0xf0, 0x0a)

  it('is read in the encoding that is told', async () => {
    const { text, summary } = await read('a.txt', cyrillic, { encoding: 'windows-1251' })
    expect(text).toBe('Привет, мир\n')
    expect(summary.found).toEqual({ encoding: 'windows-1251' })
    expect(summary.notices).toEqual([])
    const shiftJis = Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0x0a)
    expect((await read('a.txt', shiftJis, { encoding: 'shift_jis' })).text).toBe('日本\n')
  })

  it('with a zero in it is refused in any encoding', async () => {
    await expect(read('a.txt', cyrillic.with(3, 0), { encoding: 'windows-1251' })).rejects.toMatchObject({
      code: 'binary-file',
    })
  })

  it('may have as many broken records as are allowed', async () => {
    const lines = [
      ...Array.from({ length: 3 }, () => '{"text":"a verse of some length, long enough for a text"}'),
      '{',
    ].join('\n')
    expect((await read('a.jsonl', lines, { mostBroken: 0.25 })).summary.counts.records).toBe(3)
    await expect(read('a.jsonl', lines, { mostBroken: 0.2 })).rejects.toMatchObject({
      code: 'broken-records',
    })
  })
})
