import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readFiles } from '../../tests/helpers/importedFiles.ts'
import { memorySource } from './reading/source.ts'
import { parseTable } from './table/parseTable.ts'

describe('one file of rows', () => {
  it.each([
    ['short cells', 'a.csv', 'x,y\n1,2\n3,4\n', 'x,y\n1,2\n3,4\n'],
    ['JSON lines', 'a.jsonl', '{"x":1,"y":"a"}\n{"x":null,"y":"b, c"}\n', 'x,y\n1,a\n,"b, c"\n'],
    ['a JSON list', 'a.json', '[{"x":1,"y":true},{"y":false,"z":"q"}]', 'x,y,z\n1,true,\n,false,q\n'],
    [
      'pairs of translations',
      'a.jsonl',
      '{"translation":{"en":"one","de":"eins"}}\n{"translation":{"en":"two","de":"zwei"}}',
      '#en,de\none,eins\ntwo,zwei\n',
    ],
  ])('is a table: %s', async (_, name, content, stored) => {
    const { content: bytes, summary } = await readFiles([memorySource(name, content)])
    expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['table', stored])
    expect(summary.counts.records).toBe(2)
    const { columns, rows } = parseTable(stored)
    expect([columns[0], rows.length]).toEqual([stored.match(/\w+/)![0], 2])
  })

  const long = (word: string) => Array.from({ length: 20 }, () => word).join(' ')

  it('with long texts is a text, but a table where classes or translations stand beside them', async () => {
    const rows = ['good', 'bad', 'fine'].map((word, i) => `${i},${long(word)}`)
    const kinds = async (head: string, body: string[]) =>
      (await readFiles([memorySource('a.csv', [head, ...body, ''].join('\n'))])).summary.kind
    expect(await kinds('id,text', rows)).toBe('text')
    expect(await kinds('label,text', rows)).toBe('table')
    expect(
      await kinds(
        'en,de',
        rows.map((row) => `${row.slice(2)},${long('gut')}`),
      ),
    ).toBe('table')
  })

  it('and others with the same columns are one table, with other columns a text', async () => {
    const first = memorySource('a.csv', 'x,y\n1,2\n3,4\n')
    const { content: bytes, summary } = await readFiles([
      memorySource('b.tsv', 'x\ty\n5\t"6,7"\n8\t9\n'),
      first,
    ])
    expect([summary.kind, summary.counts.records, summary.files.length]).toEqual(['table', 4, 2])
    expect(new TextDecoder().decode(bytes)).toBe('x,y\n1,2\n3,4\n5,"6,7"\n8,9\n')
    expect(summary.notices).toEqual([
      { level: 'info', message: expect.stringContaining('2 tables') as string },
    ])
    const other = await readFiles([first, memorySource('b.csv', 'x,z\n1,2\n3,4\n')])
    expect(other.summary.kind).toBe('text')
    const nameless = await readFiles([
      memorySource('a.csv', '1,2\n3,4\n'),
      memorySource('b.csv', '1,2\n3,4\n'),
    ])
    expect(nameless.summary.kind).toBe('text')
  })

  const stored = async (files: Parameters<typeof readFiles>[0]) => {
    const { content: bytes, summary } = await readFiles(files)
    return [new TextDecoder().decode(bytes), summary.notices.length]
  }
  const rows = (name: string, head: string, first: string, second: string) =>
    memorySource(name, `${head}\n${first}\n${second}\n`)

  it('of several files knows the part that each row is of, where all their names say it', async () => {
    const pets = [
      rows('pets-train.csv', 'x,y', '1,a', '2,b'),
      rows('pets-Dev.csv', 'x,y', '3,a', '4,b'),
      rows('pets-test.csv', 'x,y', '5,a', '6,b'),
    ]
    const parted = 'part,x,y\nvalidation,3,a\nvalidation,4,b\ntest,5,a\ntest,6,b\ntrain,1,a\ntrain,2,b\n'
    expect(await stored(pets)).toEqual([parted, 2])
    const lines = (name: string, n: number) =>
      memorySource(`${name}.jsonl`, [n, n + 1].map((x) => `{"x":${x},"y":"a"}`).join('\n'))
    expect(await stored([lines('train', 1), lines('valid', 3)])).toEqual([
      'part,x,y\ntrain,1,a\ntrain,2,a\nvalidation,3,a\nvalidation,4,a\n',
      2,
    ])
    const zip = zipSync({
      'train/a.csv': strToU8('x,y\n1,a\n2,b\n'),
      'test/a.csv': strToU8('x,y\n5,a\n6,b\n'),
    })
    expect(await stored([memorySource('pets.zip', zip)])).toEqual([
      'part,x,y\ntest,5,a\ntest,6,b\ntrain,1,a\ntrain,2,b\n',
      2,
    ])
  })

  it('of several files that are parts by their names are refused where one lacks a column', async () => {
    const train = memorySource('train.csv', 'x,y,label\n1,2,a\n3,4,b\n')
    const test = memorySource('test.csv', 'x,y\n5,6\n7,8\n')
    await expect(readFiles([train, test])).rejects.toMatchObject({
      code: 'other-columns',
      message: expect.stringMatching(/^test\.csv: .*lacks “label”; nothing was stored$/) as string,
    })
    const long = (name: string, rows: string[]) => memorySource(name, `${rows.join('\n')}\n`)
    const words = 'so many words that nobody would take them for a cell of a table '.repeat(4)
    const reviews = long('train.csv', [
      'id,text,label',
      `1,${words}a,good`,
      `2,${words}b,bad`,
      `3,${words}c,good`,
    ])
    await expect(
      readFiles([reviews, long('test.csv', ['id,text', `4,${words}d`, `5,${words}e`])]),
    ).rejects.toMatchObject({
      code: 'other-columns',
    })
    const turned = memorySource('test.csv', 'y,x,label\n5,6,a\n7,8,b\n')
    await expect(readFiles([train, turned])).rejects.toMatchObject({
      message: expect.stringMatching(/in the order of/) as string,
    })
  })

  it('of several files knows no parts where a name says none or two, or a column says them already', async () => {
    const train = rows('train.csv', 'x,y', '1,a', '2,b')
    const plain = 'x,y\n'
    for (const name of ['more.csv', 'train-test.csv', 'training.csv'])
      expect((await stored([train, rows(name, 'x,y', '5,a', '6,b')]))[0]).toMatch(plain)
    const told = (name: string, part: string) => rows(name, 'x,fold', `1,${part}`, `2,${part}`)
    expect((await stored([told('train.csv', 'train'), told('test.csv', 'val')]))[0]).toMatch('x,fold\n')
    const cars = (name: string) => rows(name, 'part,y', 'wheel,1', 'door,2')
    expect((await stored([cars('train.csv'), cars('test.csv')]))[0]).toMatch('split,part,y\n')
  })
})
