import { encode as encodePng } from 'fast-png'
import { gzipSync, strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readFiles, readImages } from '../../tests/helpers/importedFiles.ts'
import type { ImageSet } from './images/imageSet.ts'
import { memorySource, type ImportSource } from './reading/source.ts'
import { parseTable } from './table/parseTable.ts'

/** A picture of one colour. */
function picture(color: readonly number[], { width = 4, height = 4 } = {}): Uint8Array {
  const data = Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]!)
  return encodePng({ width, height, channels: color.length as 1 | 3, data })
}

const red = [200, 0, 0]
const blue = [0, 0, 200]

function at(path: string, content: Uint8Array | string): ImportSource {
  return { ...memorySource(path.split('/').at(-1)!, content), path }
}

const read = async (files: readonly ImportSource[]) => {
  const { content: bytes, summary } = await readFiles(files)
  return { bytes, summary }
}

const labelsOf = ({ classes, labels }: ImageSet) => [...labels].map((label) => classes[label])

describe('pictures in folders', () => {
  it('are one set whose classes are the folders, in the order of their names', async () => {
    const files = [
      at('pets/dog/2.png', picture(blue)),
      at('pets/cat/10.png', picture(red)),
      at('pets/cat/9.png', picture(blue)),
    ]
    const { set, notices } = await readImages(files)
    expect([set.count, set.height, set.width, set.channels]).toEqual([3, 4, 4, 3])
    expect(labelsOf(set)).toEqual(['cat', 'cat', 'dog'])
    expect([...set.pixels.subarray(0, 3), ...set.pixels.subarray(48, 51)]).toEqual([...blue, ...red])
    expect(notices).toEqual([])
    const again = await readImages(files.toReversed())
    expect(again.set).toEqual(set)
  })

  it('are the same in a zip, without what a system adds', async () => {
    const held = { 'pets/cat/1.png': picture(red), 'pets/dog/1.png': picture(blue) }
    const zip = zipSync({ ...held, '__MACOSX/._1.png': strToU8('x'), 'pets/.DS_Store': strToU8('x') })
    const inZip = await readImages([memorySource('pets.zip', zip)])
    const loose = await readImages(Object.entries(held).map(([path, bytes]) => at(path, bytes)))
    expect(inZip).toEqual(loose)
  })

  it('of a folder whose name begins with a dot are wanted, and what is hidden in it is not', async () => {
    const { set } = await readImages([
      at('.pets/1.png', picture(red)),
      at('.pets/2.png', picture(blue)),
      at('.pets/.DS_Store', 'x'),
      at('.pets/.cache/3.png', picture(blue)),
    ])
    expect(set.count).toBe(2)
  })

  it('have no classes where they lie together', async () => {
    const { set } = await readImages([at('all/1.png', picture(red)), at('all/2.png', picture(blue))])
    expect([set.classes, set.labels.length, set.captions]).toEqual([[], 0, []])
  })

  it('that are broken are left out and counted, and none left is an error', async () => {
    const broken = at('pets/cat/3.png', picture(red).subarray(0, 50))
    const { set, notices } = await readImages([
      broken,
      at('pets/cat/1.png', picture(red)),
      at('pets/dog/1.png', picture(blue)),
      at('pets/notes.md', '# Pets'),
    ])
    expect(set.count).toBe(2)
    expect(notices).toEqual([
      expect.stringContaining('notes.md'),
      expect.stringMatching(/^1 file could not be read and was left out: 3\.png/),
    ])
    await expect(readImages([broken])).rejects.toMatchObject({ name: 'DataError', code: 'no-images' })
  })

  it('of other sizes are brought to the commonest, else to a square', async () => {
    const most = await readImages([
      at('a/1.png', picture(red)),
      at('a/2.png', picture(red)),
      at('b/3.png', picture(blue, { width: 8, height: 12 })),
    ])
    expect([most.set.height, most.set.width]).toEqual([4, 4])
    expect([...most.set.pixels.subarray(96)]).toEqual(Array.from({ length: 16 }, () => blue).flat())
    expect(most.notices).toEqual([
      expect.stringContaining('1 picture was cut to the middle and brought to 4 × 4'),
    ])
    const mixed = await readImages([
      at('a/1.png', picture(red, { width: 4, height: 5 })),
      at('a/2.png', picture(red, { width: 6, height: 7 })),
      at('b/3.png', picture(blue, { width: 9, height: 8 })),
    ])
    expect([mixed.set.height, mixed.set.width]).toEqual([6, 6])
  })

  it('that are large are made smaller, and grey stays grey', async () => {
    const { set, notices } = await readImages([
      at('a/1.png', picture([9], { width: 256, height: 128 })),
      at('b/2.png', picture([7, 7, 7], { width: 256, height: 128 })),
    ])
    expect([set.height, set.width, set.channels]).toEqual([64, 128, 1])
    expect(notices).toEqual([expect.stringContaining('2 pictures were made smaller')])
  })

  it('take captions and labels from a table or from texts beside them', async () => {
    const files = [at('x/train/1.png', picture(red)), at('x/train/2.png', picture(blue))]
    const table = at(
      'x/train/metadata.csv',
      'file_name,text,label\n1.png,a red one,warm\n2.png,"a blue, cold one",cold\n',
    )
    const { set, notices } = await readImages([...files, table])
    expect([set.captions, labelsOf(set), notices]).toEqual([
      ['a red one', 'a blue, cold one'],
      ['warm', 'cold'],
      [],
    ])
    const lines = at(
      'x/metadata.jsonl',
      '{"file_name":"train/1.png","caption":"one"}\n{"file_name":"train/2.png","caption":"two"}',
    )
    expect((await readImages([...files, lines])).set.captions).toEqual(['one', 'two'])
    const texts = await readImages([...files, at('x/train/1.txt', ' a red\n one ')])
    expect(texts.set.captions).toEqual(['a red one', ''])
    expect(texts.notices).toEqual(['1 picture of 2 have no caption.'])
  })
})

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
    const { bytes, summary } = await read([memorySource(name, content)])
    expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['table', stored])
    expect(summary.counts.records).toBe(2)
    const { columns, rows } = parseTable(stored)
    expect([columns[0], rows.length]).toEqual([stored.match(/\w+/)![0], 2])
  })

  const long = (word: string) => Array.from({ length: 20 }, () => word).join(' ')

  it('with long texts is a text, but a table where classes or translations stand beside them', async () => {
    const rows = ['good', 'bad', 'fine'].map((word, i) => `${i},${long(word)}`)
    const kinds = async (head: string, body: string[]) =>
      (await read([memorySource('a.csv', [head, ...body, ''].join('\n'))])).summary.kind
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
    const { bytes, summary } = await read([memorySource('b.tsv', 'x\ty\n5\t"6,7"\n8\t9\n'), first])
    expect([summary.kind, summary.counts.records, summary.files.length]).toEqual(['table', 4, 2])
    expect(new TextDecoder().decode(bytes)).toBe('x,y\n1,2\n3,4\n5,"6,7"\n8,9\n')
    expect(summary.notices).toEqual([
      { level: 'info', message: expect.stringContaining('2 tables') as string },
    ])
    const other = await read([first, memorySource('b.csv', 'x,z\n1,2\n3,4\n')])
    expect(other.summary.kind).toBe('text')
    const nameless = await read([memorySource('a.csv', '1,2\n3,4\n'), memorySource('b.csv', '1,2\n3,4\n')])
    expect(nameless.summary.kind).toBe('text')
  })

  const stored = async (files: Parameters<typeof read>[0]) => {
    const { bytes, summary } = await read(files)
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

describe('an archive', () => {
  it('is told by its content, and may hold and be held by others', async () => {
    const table = strToU8('x,y\n1,2\n3,4\n')
    const more = strToU8('x,y\n5,6\n7,8\n')
    const zip = zipSync({ 'a.csv.gz': gzipSync(table), 'inner/b.zip': zipSync({ 'b.csv': more }) })
    for (const name of ['tables.zip', 'tables']) {
      const { bytes, summary } = await read([memorySource(name, zip)])
      expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['table', 'x,y\n1,2\n3,4\n5,6\n7,8\n'])
      expect(summary.files.map((file) => file.name)).toEqual(['a.csv', 'b.csv'])
    }
    let nested = zipSync({ 'a.txt': strToU8('deep') })
    for (let depth = 0; depth < 5; depth++) nested = gzipSync(nested)
    await expect(read([memorySource('a.gz', nested)])).rejects.toMatchObject({ code: 'too-large' })
  })

  it('among several files is what it holds: gzipped text, lines and pictures', async () => {
    const text = await read([
      memorySource('a.txt', 'one'),
      memorySource('b.jsonl.gz', gzipSync(strToU8('{"text":"two"}\n{"text":"three"}\n'))),
    ])
    expect(new TextDecoder().decode(text.bytes)).toBe('one\n\ntwo\n\nthree')
    const { set } = await readImages([
      at('x/a/1.png.gz', gzipSync(picture(red))),
      at('x/b/2.png', picture(blue)),
    ])
    expect(labelsOf(set)).toEqual(['a', 'b'])
    await expect(
      read([memorySource('a.gz', gzipSync(Uint8Array.of(0x80, 4, 0x95, 0)))]),
    ).rejects.toMatchObject({
      code: 'unsafe-file',
    })
  })

  it('of texts is one text', async () => {
    const zip = zipSync({ 'b.txt': strToU8('second'), 'a.txt': strToU8('first') })
    const { bytes, summary } = await read([memorySource('texts.zip', zip)])
    expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['text', 'first\n\nsecond'])
  })

  it('loses none of its files to a path that climbs out of it', async () => {
    const zip = zipSync({
      '../../etc/a.txt': strToU8('first'),
      'in/.b.txt': strToU8('x'),
      'in/c.txt': strToU8('last'),
    })
    const { bytes, summary } = await read([memorySource('climbs.zip', zip)])
    expect(new TextDecoder().decode(bytes)).toBe('first\n\nlast')
    expect(summary.files.map(({ name }) => name)).toEqual(['a.txt', 'c.txt'])
  })

  it('that is damaged, too large inside, a document or unsafe is refused', async () => {
    const zip = zipSync({ 'a.txt': strToU8('first '.repeat(99)) })
    const refused = async (bytes: Uint8Array, code: string, name = 'x.zip') =>
      expect(read([memorySource(name, bytes)])).rejects.toMatchObject({ name: 'DataError', code })
    await refused(zip.subarray(0, 60), 'broken-archive')
    const bomb = zip.slice()
    // The size that the central directory claims (APPNOTE 4.3.12: 24 bytes after its signature).
    const directory = bomb.findLastIndex(
      (_, i) => bomb[i] === 0x50 && bomb[i + 1] === 0x4b && bomb[i + 2] === 1,
    )
    new DataView(bomb.buffer).setUint32(directory + 24, 4_200_000_000, true)
    await refused(bomb, 'too-large')
    await refused(zipSync({ '[Content_Types].xml': strToU8('x'), 'word/a.xml': strToU8('x') }), 'binary-file')
    await refused(zipSync({ 'archive/data.pkl': strToU8('x') }), 'unsafe-file')
    await refused(zipSync({ 'a.pkl': strToU8('x') }), 'unsafe-file')
    const empty = read([memorySource('x.zip', zipSync({}))])
    await expect(empty).rejects.toMatchObject({
      code: 'no-files',
      message: 'x.zip: must hold files, got none but what systems leave beside them; nothing was stored',
      remedy: expect.stringMatching(/^Pack it again/) as string,
    })
  })
})

it('a picture among more texts and tables is refused by what lies beside it', async () => {
  const files = [at('mixed/a.txt', 'some text'), at('mixed/b.txt', 'more'), at('mixed/c.png', picture(red))]
  await expect(read(files)).rejects.toMatchObject({
    message: 'c.png: must be text or rows, as most files beside it are, got a PNG image; nothing was stored',
    remedy: 'Drop pictures as a set of their own, without the texts and tables.',
  })
})
