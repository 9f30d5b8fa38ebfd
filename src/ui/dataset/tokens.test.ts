import { describe, expect, it } from 'vitest'
import { fakeDatasets } from '../../../tests/helpers/fakeRuns.ts'
import { fakeCatalog } from '../../../tests/helpers/fakeCatalog.ts'
import { bundledItem, isSameSource, storedItem } from './sets.ts'
import { cutAt, showControls } from './tokens.ts'

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
