import { describe, expect, it } from 'vitest'
import { fakeDatasets } from '../../../tests/helpers/fakeRuns.ts'
import { fakeCatalog } from '../../../tests/helpers/fakeCatalog.ts'
import { bundledItem, isSameSource, storedItem } from './sets.ts'
import { cutAt, fitOf, showControls } from './tokens.ts'

describe('cutAt', () => {
  it('cuts at the ends and loses nothing', () => {
    expect(cutAt('the whale', [3, 4, 9])).toEqual(['the', ' ', 'whale'])
    expect(cutAt('the whale', [3]).join('')).toBe('the whale')
    expect(cutAt('the whale', [])).toEqual(['the whale'])
  })
  it('keeps pairs of UTF-16 units together where the tokenizer does', () => {
    expect(cutAt('a🐋b', [1, 3, 4])).toEqual(['a', '🐋', 'b'])
  })
  it('passes over ends that do not ascend or lie outside', () => {
    expect(cutAt('abc', [1, 1, 0, 2, 9])).toEqual(['a', 'b', 'c'])
  })
})

describe('showControls', () => {
  it('gives line breaks and tabs a shape', () => {
    expect(showControls('a\n\tb')).toBe('a↵\n→\tb')
  })
})

it('tells how well tokens fit, and a few unknown ones from none', () => {
  const metrics = { bytes: 90, tokens: 30, words: 15, vocabSize: 60, vocabularyUse: 0.25 }
  const fit = { ...metrics, bytesPerToken: 3, tokensPerWord: 2, roundTripShare: 0.5 }
  const line = (unknownShare: number) => fitOf({ ...fit, unknownShare }).replace(/[\u00a0\u202f\u2009]/g, ' ')
  expect(line(0)).toBe(
    '3.00 bytes a token · 2.00 tokens a word · 0 % unknown · 50 % of lines come back as they were · 25 % of the vocabulary in this piece',
  )
  expect(line(0.001)).toContain('under 1 % unknown')
})

describe('isSameSource', () => {
  it('finds stored sets by their hash, whatever they are called', () => {
    const item = storedItem(fakeDatasets[0]!)
    expect(
      isSameSource(item.source, { ...storedItem(fakeDatasets[0]!).source, name: 'renamed' } as never),
    ).toBe(true)
    expect(isSameSource(item.source, storedItem(fakeDatasets[1]!).source)).toBe(false)
    expect(isSameSource(item.source, bundledItem(fakeCatalog.bundled[0]!).source)).toBe(false)
  })
})
