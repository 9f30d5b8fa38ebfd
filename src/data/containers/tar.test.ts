import { gunzipSync, gzipSync, strToU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readFiles, readImages } from '../../../tests/helpers/importedFiles.ts'
import { joined, paxRecord, tarFile, tarHeader, withChecksum } from '../../../tests/helpers/tarFile.ts'
import { memorySource, readWhole } from '../reading/source.ts'
import { encode as encodePng } from 'fast-png'
import tar from './tar.ts'

async function unpack(bytes: Uint8Array) {
  const notices: string[] = []
  const context = {
    signal: undefined,
    notify: (_level: string, message: string) => void notices.push(message),
  }
  const files = (await tar.open(memorySource('a.tar', bytes), context))!
  const found = files.map(async (file) => [
    file.path,
    new TextDecoder().decode(await readWhole(file, undefined)),
  ])
  return { files: await Promise.all(found), notices }
}

const long = `a/d/${'n'.repeat(120)}.txt`

/**
 * What GNU tar 1.34 makes of a folder with a file, one of a long name and a link:
 * `tar --format=FORMAT --sort=name --mtime=@0 --owner=0 --group=0 -cf FORMAT.tar d; gzip -9nc FORMAT.tar | base64 -w0`
 */
const ofGnuTar = {
  gnu: 'H4sIAAAAAAACA+3WTQqDMBAF4Fn3FDmBSTTJbHsALyFYSmlJwKbg8auFUixFu0n64/s2EXT3Ms9pJSWnBmzt7Rw8ny+emY0iYSmDyzk2nRDUhRDnvlt6/6Na2RSxj8nzd8bM5G+m+WvFuiKhkH9ywe82BKvVytPBHzP0P/P7/a+1ZUeiTF9Nq5//QhZyWwe/r9Ndg6X+14+7cc/f6eH/X6P/M8y//5AMsw1fkf/y/uem818Z5hL7Xw79CBsgAAAAAAAAAAAAAADA37gCmqgP+AAoAAA=',
  pax: 'H4sIAAAAAAACA+2XzWqEMBSFs56n8An05l8Xs++yryBV6NBWi5OCj98ohUqmrQwlwRnPt0nwCiGEc+49efFYjw9t3bTDuWhYFMhjlJpXT7gSWfW9n75zUqRZNrIEfJxdPfjj2T6RlNXu9NYeua10pchWVS5KpYzW1h589emiasVXlYGbpyninzFLXOvf9R/uOReKWKZT6n/oe/fXf2v18HI38/4L/69zN7ot+D+XZOD/W/R/m1tVTlXJ4f934f+RRH+N/inUvxBcsoxS6n+n/t93LXS8a/0v+v/rqXvZRP7jAvkP+Q+k0H8k0Yf5z9or8p8k6+d/EX80Qf5b+n8XhzX/l+H8J338g/8ngUuTvdfu+djEev1VJpEfLvtQmWua+5BWP/chaeY+ZNCH/qX/+A+8nv9MoH/jhwzkvxSME1AQAAAAAAAAANw9n+HxSeMAKAAA',
  v7: 'H4sIAAAAAAACA+3UMQ6EIBCF4ak9BSeQhYBznk3Ywmi0sfD4EktijA2bEP+vGUIHL/OSleo+mcZ4zqycF+fBOycmSkPKxzUi2W+/7Vv1rxlCuMk/FPmry1dGyL+6dfl1gtdKdh6X6Q/9r/q8/11uBBXj61fT6/cfAAAAAAAAAAAAAAC07wCDG0pRACgAAA==',
}

const archive = tarFile([
  { path: 'x/', type: '5' },
  { path: './x/a.txt', content: 'much of a muchness. '.repeat(200) },
  { path: 'empty.txt' },
  { path: 'b.txt', prefix: 'deep/down', content: 'as it is' },
  { path: '__MACOSX/._a', content: 'x' },
])

describe('a tar archive', () => {
  it('gives its files with their paths, without folders and what systems leave', async () => {
    const { files, notices } = await unpack(archive)
    expect(files).toEqual([
      ['a/x/a.txt', 'much of a muchness. '.repeat(200)],
      ['a/empty.txt', ''],
      ['a/deep/down/b.txt', 'as it is'],
    ])
    expect(notices).toEqual([])
  })

  it.each(Object.entries(ofGnuTar))('is read as GNU tar writes it: %s', async (format, packed) => {
    const bytes = gunzipSync(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)))
    expect(tar.matches(bytes.subarray(0, 512))).toBe(true)
    const { files, notices } = await unpack(bytes)
    const all = [
      ['a/d/a.txt', 'one\n'],
      [long, 'xxxxx\n'],
    ]
    expect(files).toEqual(format === 'v7' ? all.slice(0, 1) : all)
    expect(notices).toEqual(['a.tar: left out, being links or no whole files: d/link.'])
  })

  it('is read where a size or a path is in an extended header, or in eight bits a byte', async () => {
    const record = paxRecord('size', '5') + paxRecord('path', 'räume/ß.txt')
    const wrong = tarHeader({ path: 'c.txt', content: '' })
    const wide = tarHeader({ path: 'w.txt' })
    wide.set([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3], 124)
    const block = (text: string) => joined([strToU8(text), new Uint8Array(512 - text.length)])
    const bytes = joined([
      tarHeader({ path: 'pax', type: 'x', content: record }),
      joined([strToU8(record), new Uint8Array(512 - strToU8(record).length)]),
      wrong,
      block('hello'),
      withChecksum(wide),
      block('abc'),
      new Uint8Array(1024),
    ])
    expect((await unpack(bytes)).files).toEqual([
      ['a/räume/ß.txt', 'hello'],
      ['a/w.txt', 'abc'],
    ])
  })

  it('packed by gzip is a set like its files by themselves, whatever it is called', async () => {
    const png = (shade: number) =>
      encodePng({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(shade) })
    const packed = tarFile([
      { path: 'pets/cat/1.png', content: png(1) },
      { path: 'pets/dog/1.png', content: png(2) },
    ])
    for (const name of ['pets.tar.gz', 'pets.tgz', 'pets']) {
      const { set } = await readImages([memorySource(name, gzipSync(packed))])
      expect([set.count, set.classes]).toEqual([2, ['cat', 'dog']])
    }
    const { content } = await readFiles([
      memorySource('t.tar', tarFile([{ path: 'a.txt', content: 'words\n' }])),
    ])
    expect(new TextDecoder().decode(content)).toBe('words\n')
  })

  it('reads no more than is asked for', async () => {
    const noise = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * i) >> 5)
    const source = memorySource(
      'a.tar',
      tarFile([
        { path: 'a.bin', content: noise },
        { path: 'b.txt', content: 'x' },
      ]),
    )
    let readBytes = 0
    const counted = {
      ...source,
      slice: async (begin: number, end: number) => {
        readBytes += end - begin
        return source.slice!(begin, end)
      },
    }
    const files = (await tar.open(counted, { signal: undefined, notify: () => {} }))!
    expect(new TextDecoder().decode(await readWhole(files[1]!, undefined))).toBe('x')
    expect(readBytes).toBeLessThan(2_000_000)
  })

  const header = (change: (block: Uint8Array) => void) => {
    const copy = archive.slice()
    const block = copy.slice(512, 1024)
    change(block)
    copy.set(withChecksum(block), 512)
    return copy
  }
  it.each([
    ['cut off in a file', archive.subarray(0, 1500)],
    ['cut off between two files', archive.subarray(0, 512)],
    ['with a header that is changed', archive.with(520, archive[520]! ^ 1)],
    ['whose file reaches out of it', header((block) => block.set(strToU8('77777777777'), 124))],
    ['with a size that is no number', header((block) => block.set(strToU8('12x'), 124))],
    ['with a size that no file has', header((block) => block.fill(0xff, 125, 136).fill(0x80, 124, 125))],
    ['with an extended header that is not one', header((block) => block.set(strToU8('x'), 156))],
  ])('that is damaged is refused: %s', async (_what, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ name: 'DataError', code: 'broken-archive' })
  })
})
