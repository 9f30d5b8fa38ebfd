import { expect, it } from 'vitest'
import type { ConfigValue } from '../../core/schema.ts'
import { collectText } from '../collectText.ts'
import { memorySource } from '../reading/source.ts'

const read = (
  content: string,
  params: Record<string, ConfigValue> = {},
  name = 'a.csv',
  pieceSizeBytes = 13,
) => collectText([memorySource(name, content, pieceSizeBytes)], { params: { csv: params } })

const reviews =
  'id,label,review\n1,good,"A fine film, and ""long""\nwith a second line"\n2,bad,"No, no, no"\n'

it('takes the column with the longest texts, quotes and line ends inside cells included', async () => {
  const { text, counts, notices } = await read(reviews)
  expect(text).toBe('A fine film, and "long"\nwith a second line\n\nNo, no, no')
  expect(counts.records).toBe(2)
  expect(notices).toEqual([
    { level: 'info', message: 'a.csv: text taken from column "review" of 3 columns parted by comma.' },
  ])
})

it('gives the same however the file is cut', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${i};"cell ${i}; ""quoted""\n${'x'.repeat(i % 17)}"`,
  ).join('\r\n')
  const whole = await read(`n;text\r\n${rows}`, {}, 'a.csv', 1e6)
  expect(whole.counts.records).toBe(300)
  for (const size of [1, 7, 64])
    expect((await read(`n;text\r\n${rows}`, {}, 'a.csv', size)).sha256).toBe(whole.sha256)
})

it('finds tabs, semicolons and bars', async () => {
  for (const delimiter of ['\t', ';', '|']) {
    const table = `id,x${delimiter}text\n1${delimiter}first, text\n2${delimiter}second, text\n`
    expect((await read(table)).text).toBe('first, text\n\nsecond, text')
  }
})

it('takes the column that is asked for by name or number, and names those that there are', async () => {
  expect((await read(reviews, { textColumn: 'label' })).text).toBe('good\n\nbad')
  expect((await read(reviews, { textColumn: '1' })).text).toBe('1\n\n2')
  await expect(read(reviews, { textColumn: 'nope' })).rejects.toMatchObject({
    code: 'no-text-field',
    message: expect.stringContaining('id, label, review') as string,
  })
})

it('tells tables without a header row, and does as it is told about it', async () => {
  const bare = '1,A long and winding text\n2,Another text of some length\n'
  expect((await read(bare)).text).toBe('A long and winding text\n\nAnother text of some length')
  expect((await read(bare, { header: 'yes' })).text).toBe('Another text of some length')
  expect((await read(reviews, { header: 'no', textColumn: '2' })).text).toBe('label\n\ngood\n\nbad')
})

it('takes a column by itself whole, commas included', async () => {
  expect((await read('text\none, two\n"three, ""four"""\n')).text).toBe('one, two\n\nthree, "four"')
})

it('tells a table without its name by its header and its regularity', async () => {
  const table = `id,label,text\n${Array.from({ length: 6 }, (_, i) => `${i},a,text number ${i}`).join('\n')}\n`
  expect((await read(table, {}, 'unnamed')).files[0]!.importer).toBe('csv')
})

it('leaves rows that are too short out and names them', async () => {
  const { text, notices } = await read('id,text\n1,first text\n2\n\n3,third text\n')
  expect(text).toBe('first text\n\nthird text')
  expect(notices[0]!.message).toContain('row 3: has 1 of 2 columns')
})

it('leaves rows out that an unquoted delimiter cut in the wrong places, but not those that end in one', async () => {
  const { text, notices } = await read(
    'id,text\n1,first text\n2,one, two, three\n3,third text,\n4,fourth\n5,fifth\n',
  )
  expect(text).toBe('first text\n\nthird text\n\nfourth\n\nfifth')
  expect(notices[0]!.message).toContain('row 3: has 4 of 2 columns')
})

it('knows a header row with an unnamed column, with a name twice, and by itself', async () => {
  expect((await read(',text\n0,some longer text\n1,and another\n')).text).toBe(
    'some longer text\n\nand another',
  )
  expect((await read('text,text\na,some longer text\nb,and another\n')).text).toBe(
    'some longer text\n\nand another',
  )
  await expect(read('id,text\n')).rejects.toMatchObject({ code: 'empty-file' })
})

it('refuses a quote that is never closed, with its row', async () => {
  await expect(read('id,text\n1,fine\n2,"open\n3,more\n')).rejects.toMatchObject({
    code: 'broken-csv',
    message: expect.stringContaining('row 3') as string,
  })
})

it('tells a column by its place where the row of names is shorter than the others', async () => {
  const { notices } = await read('label\n0,"n0, ""x""",,a\n1,"n1, ""x""",0.25,b\n2,"n2, ""x""",0.5,a\n')
  expect(notices.map(({ message }) => message)).toContain(
    'a.csv: text taken from column 2 of 4 columns parted by comma.',
  )
})
