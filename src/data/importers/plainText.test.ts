import { expect, it } from 'vitest'
import { collectText } from '../collectText.ts'
import { memorySource } from '../reading/source.ts'

it('takes prose as it is, whatever its commas, brackets and lists look like', async () => {
  const texts = [
    'To be, or not to be\nthat is, the question\nWhether, nobler\nin mind, to suffer\nThe slings, and arrows\n',
    '[Chapter 1]\nIt was {a} dark night.\n',
    '1\n2\n3\n4\n5\n6\n',
    'A single line',
  ]
  for (const text of texts) {
    const result = await collectText([memorySource('unnamed', text)])
    expect(result.files[0]!.importer).toBe('plain-text')
    expect(result.text).toBe(text)
  }
})

it('counts a file as one record, however it is cut', async () => {
  const { counts } = await collectText([memorySource('a.txt', 'line\n'.repeat(1000), 7)])
  expect(counts.records).toBe(1)
  expect(counts.lines).toBe(1000)
})
