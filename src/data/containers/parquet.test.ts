import { encode as encodePng } from 'fast-png'
import { gzipSync } from 'fflate'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { readFiles, readImages } from '../../../tests/helpers/importedFiles.ts'
import { memorySource } from '../reading/source.ts'

type Options = Parameters<typeof parquetWriteBuffer>[0]

function parquet(columnData: Options['columnData'], options: Partial<Options> = {}): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }))
}

async function tableOf(bytes: Uint8Array): Promise<string> {
  const { content, summary } = await readFiles([memorySource('a.parquet', bytes)])
  expect(summary.kind).toBe('table')
  return new TextDecoder().decode(content)
}

const people = parquet(
  [
    { name: 'id', data: [1n, 9007199254740993n, -5n], type: 'INT64' },
    { name: 'name', data: ['Ann', 'Bob, the "second"', null], type: 'STRING', nullable: true },
    { name: 'score', data: [0.1, null, -1e300], type: 'DOUBLE', nullable: true },
    { name: 'is_new', data: [true, false, true], type: 'BOOLEAN' },
  ],
  { rowGroupSize: 2 },
)

describe('a Parquet file', () => {
  it('of short cells is a table: whole numbers to the last digit, what is missing empty', async () => {
    expect(await tableOf(people)).toBe(
      'id,name,score,is_new\n1,Ann,0.1,true\n9007199254740993,"Bob, the ""second""",,false\n-5,,-1e+300,true\n',
    )
  })

  it('has its times as people write them, lists and groups as JSON', async () => {
    const schema: Options['schema'] = [
      { name: 'root', num_children: 3 },
      { name: 'day', type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
      {
        name: 'at',
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
        repetition_type: 'REQUIRED',
      },
      {
        name: 'price',
        type: 'INT32',
        converted_type: 'DECIMAL',
        scale: 2,
        precision: 9,
        repetition_type: 'REQUIRED',
      },
    ]
    const bytes = parquet(
      [
        { name: 'day', data: [new Date('1969-12-31'), new Date('2024-02-29')] },
        { name: 'at', data: [new Date(-1), new Date('2024-02-29T12:00:00.250Z')] },
        { name: 'price', data: [12.34, -0.5] },
      ],
      { schema },
    )
    expect(await tableOf(bytes)).toBe(
      'day,at,price\n1969-12-31,1969-12-31T23:59:59.999Z,12.34\n2024-02-29,2024-02-29T12:00:00.25Z,-0.5\n',
    )
    const nested = parquet([
      { name: 'tags', data: [{ a: [1, 2] }, { a: [] }], type: 'JSON' },
      { name: 'label', data: ['x', 'y'], type: 'STRING' },
    ])
    expect(await tableOf(nested)).toBe('tags,label\n"{""a"":[1,2]}",x\n"{""a"":[]}",y\n')
  })

  it('of long texts is a text of that column, whatever stands in it; several are joined', async () => {
    const texts = [
      'One; two | three\tand\nso on. '.repeat(3).trim(),
      'A second "text", of some length, that is one.',
    ]
    const bytes = parquet([
      { name: 'url', data: ['https://a.example/1', 'https://a.example/2'], type: 'STRING' },
      { name: 'text', data: texts, type: 'STRING' },
    ])
    const { content, summary } = await readFiles([memorySource('a', gzipSync(bytes))])
    expect([summary.kind, summary.counts.records, summary.files[0]!.importer]).toEqual(['text', 2, 'parquet'])
    expect(new TextDecoder().decode(content)).toBe(texts.join('\n\n'))
    const one = parquet([{ name: 'text', data: ['a;b', 'c;d'], type: 'STRING' }])
    const both = await readFiles([memorySource('a.parquet', one), memorySource('b.parquet', one)])
    expect(new TextDecoder().decode(both.content)).toBe('a;b\n\nc;d\n\na;b\n\nc;d')
  })

  it('of pictures as Hugging Face stores them is a set of images, with the names of its classes', async () => {
    const png = (value: number) =>
      encodePng({ width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(value) })
    const features = { label: { names: ['cat', 'dog'], _type: 'ClassLabel' } }
    const bytes = parquet(
      [
        { name: 'image', data: [1, 2, 3].map((value) => png(value * 50)), type: 'BYTE_ARRAY' },
        { name: 'label', data: [1n, 0n, 1n], type: 'INT64' },
        { name: 'caption', data: ['a  dog', 'a cat', ''], type: 'STRING' },
      ],
      {
        rowGroupSize: 2,
        kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
      },
    )
    const { set } = await readImages([memorySource('train.parquet', bytes)])
    expect([...set.labels].map((label) => set.classes[label])).toEqual(['dog', 'cat', 'dog'])
    expect(set.captions).toEqual(['a dog', 'a cat', ''])
    expect([set.count, set.channels, set.pixels[0], set.pixels[4], set.pixels[8]]).toEqual([
      3, 1, 50, 100, 150,
    ])
  })

  it.each([
    ['cut off', people.subarray(0, -10)],
    [
      'without its beginning',
      people.subarray(0, 4).length
        ? Uint8Array.from([...people.subarray(0, 4), ...people.subarray(200)])
        : people,
    ],
    ['of a schema that is too long', people.with(people.length - 6, 0xff)],
    ['of no schema', Uint8Array.from([...people.subarray(0, 30), 0, 0, 0, 0, 0x50, 0x41, 0x52, 0x31])],
  ])('that is damaged is refused: %s', async (_what, bytes) => {
    await expect(readFiles([memorySource('a.parquet', bytes)])).rejects.toMatchObject({
      name: 'DataError',
      code: 'broken-parquet',
    })
  })

  // The types of fields that it is written in are in these bits: one that changes takes a field away.
  it('of which one bit is another is a set or refused, wherever it is', async () => {
    const refused = new Set<string>()
    for (let at = 4; at < people.length - 4; at++) {
      const bytes = people.with(at, people[at]! ^ 0x40)
      await readFiles([memorySource('a.parquet', bytes)]).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'DataError' })
        refused.add((error as Error).message)
      })
    }
    expect([...refused].join()).toMatch(
      /a column has no name.*it has no columns|it has no columns.*a column has no name/,
    )
  })

  it('of no rows, or of numbers in one column, says what is missing', async () => {
    const none = parquet([{ name: 'text', data: [], type: 'STRING' }])
    await expect(readFiles([memorySource('a.parquet', none)])).rejects.toMatchObject({ name: 'DataError' })
    const numbers = parquet([{ name: 'x', data: [1, 2, 3], type: 'DOUBLE' }])
    await expect(readFiles([memorySource('a.parquet', numbers)])).rejects.toMatchObject({
      code: 'no-text-field',
    })
  })
})
