import { encode as encodePng } from 'fast-png'
import { gzipSync, strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { fileAt as at, readFiles, readImages } from '../../tests/helpers/importedFiles.ts'
import type { ImageSet } from './images/imageSet.ts'
import { memorySource } from './reading/source.ts'

/** A picture of one colour. */
function picture(color: readonly number[], { width = 4, height = 4 } = {}): Uint8Array {
  const data = Uint8Array.from({ length: width * height * color.length }, (_, i) => color[i % color.length]!)
  return encodePng({ width, height, channels: color.length as 1 | 3, data })
}

const red = [200, 0, 0]
const blue = [0, 0, 200]

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

describe('an archive', () => {
  it('is told by its content, and may hold and be held by others', async () => {
    const table = strToU8('x,y\n1,2\n3,4\n')
    const more = strToU8('x,y\n5,6\n7,8\n')
    const zip = zipSync({ 'a.csv.gz': gzipSync(table), 'inner/b.zip': zipSync({ 'b.csv': more }) })
    for (const name of ['tables.zip', 'tables']) {
      const { content: bytes, summary } = await readFiles([memorySource(name, zip)])
      expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['table', 'x,y\n1,2\n3,4\n5,6\n7,8\n'])
      expect(summary.files.map((file) => file.name)).toEqual(['a.csv', 'b.csv'])
    }
    let nested = zipSync({ 'a.txt': strToU8('deep') })
    for (let depth = 0; depth < 5; depth++) nested = gzipSync(nested)
    await expect(readFiles([memorySource('a.gz', nested)])).rejects.toMatchObject({ code: 'too-large' })
  })

  it('among several files is what it holds: gzipped text, lines and pictures', async () => {
    const text = await readFiles([
      memorySource('a.txt', 'one'),
      memorySource('b.jsonl.gz', gzipSync(strToU8('{"text":"two"}\n{"text":"three"}\n'))),
    ])
    expect(new TextDecoder().decode(text.content)).toBe('one\n\ntwo\n\nthree')
    const { set } = await readImages([
      at('x/a/1.png.gz', gzipSync(picture(red))),
      at('x/b/2.png', picture(blue)),
    ])
    expect(labelsOf(set)).toEqual(['a', 'b'])
    await expect(
      readFiles([memorySource('a.gz', gzipSync(Uint8Array.of(0x80, 4, 0x95, 0)))]),
    ).rejects.toMatchObject({
      code: 'unsafe-file',
    })
  })

  it('of texts is one text', async () => {
    const zip = zipSync({ 'b.txt': strToU8('second'), 'a.txt': strToU8('first') })
    const { content: bytes, summary } = await readFiles([memorySource('texts.zip', zip)])
    expect([summary.kind, new TextDecoder().decode(bytes)]).toEqual(['text', 'first\n\nsecond'])
  })

  it('loses none of its files to a path that climbs out of it', async () => {
    const zip = zipSync({
      '../../etc/a.txt': strToU8('first'),
      'in/.b.txt': strToU8('x'),
      'in/c.txt': strToU8('last'),
    })
    const { content: bytes, summary } = await readFiles([memorySource('climbs.zip', zip)])
    expect(new TextDecoder().decode(bytes)).toBe('first\n\nlast')
    expect(summary.files.map(({ name }) => name)).toEqual(['a.txt', 'c.txt'])
  })

  it('that is damaged, too large inside, a document or unsafe is refused', async () => {
    const zip = zipSync({ 'a.txt': strToU8('first '.repeat(99)) })
    const refused = async (bytes: Uint8Array, code: string, name = 'x.zip') =>
      expect(readFiles([memorySource(name, bytes)])).rejects.toMatchObject({ name: 'DataError', code })
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
    const empty = readFiles([memorySource('x.zip', zipSync({}))])
    await expect(empty).rejects.toMatchObject({
      code: 'no-files',
      message: 'x.zip: must hold files, got none but what systems leave beside them; nothing was stored',
      remedy: expect.stringMatching(/^Pack it again/) as string,
    })
  })
})

it('a picture among more texts and tables is refused by what lies beside it', async () => {
  const files = [at('mixed/a.txt', 'some text'), at('mixed/b.txt', 'more'), at('mixed/c.png', picture(red))]
  await expect(readFiles(files)).rejects.toMatchObject({
    message: 'c.png: must be text or rows, as most files beside it are, got a PNG image; nothing was stored',
    remedy: 'Drop pictures as a set of their own, without the texts and tables.',
  })
})
