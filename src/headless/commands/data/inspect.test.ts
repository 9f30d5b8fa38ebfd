import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import { gzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { recordingIo } from '../../../../tests/helpers/commandIo.ts'
import { npyFile } from '../../../../tests/helpers/npyFile.ts'
import data from '../data.ts'

const folder = mkdtempSync(join(tmpdir(), 'inspect-'))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

async function inspect(...paths: string[]) {
  const { io, lines } = recordingIo()
  expect(await data.run(['inspect', '--json', ...paths], io)).toBe(0)
  const readable = recordingIo()
  expect(await data.run(['inspect', ...paths], readable.io)).toBe(0)
  expect(lines).toHaveLength(1)
  return { found: JSON.parse(lines[0]!) as Record<string, never>, lines: readable.lines }
}

describe('data inspect', () => {
  it('tells of a table its types, what is missing, how numbers are spread and what could be learned', async () => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => `${i},${i % 4 === 0 ? '' : i / 2},${i % 3 === 0 ? 'cat' : 'dog'},yes`,
    )
    const { found, lines } = await inspect(
      file('a.csv.gz', gzipSync(Buffer.from(['n,x,label,seen', ...rows, ''].join('\n')))),
    )
    expect(found).toMatchObject({
      kind: 'table',
      counts: { records: 40 },
      suggestion: {
        task: 'table-classification',
        target: 'label',
        preset: 'penguins-mlp',
        split: 'random-items',
      },
      description: {
        rows: 40,
        columns: [
          {
            name: 'n',
            type: 'whole number',
            missing: 0,
            distinct: 40,
            spread: { min: 0, median: 19.5, max: 39, mean: 19.5 },
          },
          { name: 'x', type: 'number', missing: 10, distinct: 30 },
          {
            name: 'label',
            type: 'category',
            values: [
              { value: 'dog', count: 26 },
              { value: 'cat', count: 14 },
            ],
          },
          { name: 'seen', type: 'yes or no' },
        ],
      },
    })
    expect(lines).toContain('label: category, 2 different, dog 26 (65 %), cat 14 (35 %)')
    expect(lines).toContainEqual(expect.stringMatching(/^x: number, 30 different, 10 missing \(25 %\)/))
  })

  it('tells of a text its lines and words', async () => {
    const { found, lines } = await inspect(file('a.txt', 'one two\n\nthree  four five\n'))
    expect(found).toMatchObject({
      kind: 'text',
      description: { words: 5, lines: 3, blankLines: 1, lineLengths: { min: 7, max: 16, mean: 11.5 } },
      suggestion: { task: 'language-model', split: 'tail' },
    })
    expect(lines).toContain('| three  four five')
  })

  it('tells of pictures their size, classes and captions, however they come', async () => {
    const png = (value: number) =>
      encodePng({ width: 2, height: 3, channels: 1, data: new Uint8Array(6).fill(value) })
    file('set/a/1.png', png(255))
    file('set/a/2.png', png(255))
    file('set/b/3.png', png(0))
    const { found } = await inspect(join(folder, 'set'))
    expect(found).toMatchObject({
      kind: 'images',
      description: {
        ...{ count: 3, height: 3, width: 2, channels: 1 },
        classes: [
          { value: 'a', count: 2 },
          { value: 'b', count: 1 },
        ],
        brightness: { mean: 2 / 3 },
      },
      suggestion: { task: 'image-classification' },
    })
    const x = file('x.npy', npyFile('|u1', [4, 2, 2], new Uint8Array(16).fill(9)))
    expect((await inspect(x)).found).toMatchObject({
      kind: 'images',
      suggestion: { task: 'self-supervised' },
    })
  })

  it('refuses what cannot be read, and parts that there are not', async () => {
    const { io } = recordingIo()
    await expect(data.run(['inspect', file('m.pkl', 'x')], io)).rejects.toMatchObject({ code: 'unsafe-file' })
    await expect(data.run(['inspect', join(folder, 'none')], io)).rejects.toMatchObject({
      code: 'file-not-found',
    })
    await expect(data.run(['inspekt'], io)).rejects.toThrow(
      expect.objectContaining({ remedy: 'Did you mean inspect?' }),
    )
  })
})
