import { expect, it } from 'vitest'
import { collectText } from '../collectText.ts'
import { memorySource } from '../reading/source.ts'

const body =
  '# Title\n\nSome **bold** words and a [link](https://example.org).\n\n- one\n- two\n\n---\n\nkey: value\n'
const header = '---\ntitle: "A"\ntags:\n  - x\n---\n'

it('is told by its marks, without a name', async () => {
  const { files, text } = await collectText([memorySource('README', body)])
  expect(files[0]!.importer).toBe('markdown')
  expect(text).toBe(body)
})

it('leaves front matter out and says so, or keeps it when asked', async () => {
  const result = await collectText([memorySource('a.md', header + body, 3)])
  expect(result.text).toBe(body)
  expect(result.notices[0]!.message).toContain('front matter')
  const kept = await collectText([memorySource('a.md', header + body)], {
    params: { markdown: { isFrontMatterKept: true } },
  })
  expect(kept.text).toBe(header + body)
})

it('takes a rule at the top for what it is', async () => {
  const text = '---\n\nA rule, then a sentence.\n\n---\n'
  expect((await collectText([memorySource('a.md', text)])).text).toBe(text)
})

it('reads files longer than front matter may be', async () => {
  const text = body.repeat(1000)
  expect((await collectText([memorySource('a.md', header + text, 5000)])).text).toBe(text)
})

it('is done with lines that could be front matter or brackets of links, however many', async () => {
  const texts = [
    `---\n${'-a: b\n'.repeat(2000)}!`,
    `- item\n${'['.repeat(60_000)}\n`,
    `- item\n${'[a]('.repeat(15_000)}\n`,
  ]
  for (const text of texts) expect((await collectText([memorySource('a.md', text)])).text).toBe(text)
})
