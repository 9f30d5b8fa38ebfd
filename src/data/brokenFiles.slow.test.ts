import { describe, expect, it } from 'vitest'
import { readFiles } from '../../tests/helpers/importedFiles.ts'
import { tryBroken } from '../../tests/helpers/brokenFiles.ts'
import { soundFiles } from '../../tests/fixtures/data/writers.ts'
import { memorySource } from './reading/source.ts'

/** Their importers are tried a thousand times in `importers/fuzz.test.ts` already. */
const texts = ['text', 'utf16', 'markdown', 'csv', 'tsv', 'json', 'jsonLines']

describe.each(Object.keys(soundFiles))('a file of the format %s', (format) => {
  it('reads where it is sound', async () => {
    const { name, bytes } = soundFiles[format]!()
    const { summary, content } = await readFiles([memorySource(name, bytes)])
    expect(content.length).toBeGreaterThan(0)
    expect(summary.notices.filter(({ level }) => level === 'warning')).toEqual([])
  })

  it('gives a set or a clear error however it is broken', async () => {
    await tryBroken(format, texts.includes(format) ? 100 : 1000, 3)
  })
})
