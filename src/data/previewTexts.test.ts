import { expect, it } from 'vitest'
import { dataConfig } from '../../tests/helpers/dataConfig.ts'
import type { Coding } from '../core/prepared.ts'
import { previewTexts, textToShow } from './previewTexts.ts'

const words = ['the', 'old', 'vague', 'whale', 'obscure']
const coding: Coding = {
  facts: { vocabSize: 6, textTokens: 4 },
  tokenizer: { kind: 'words', state: { words, isLowercase: true } },
}
const part = { count: 3, arrays: { texts: Int32Array.of(1, 2, -1, -1, 1, 2, 3, 4, 1, -1, -1, -1) } }
const data = dataConfig({ textAugmentations: [{ kind: 'synonyms', rate: 0.5, source: 'wordnet', own: '' }] })

it('shows the longest text as it is, then as updates read it, the same for one seed', () => {
  const found = previewTexts(textToShow(part, coding)!, data, { seed: 1, count: 40 })
  expect(found[0]).toBe('the old vague whale')
  const changed = found.slice(1).filter((text) => text === 'the old obscure whale')
  const others = found.slice(1).filter((text) => text === found[0])
  expect(changed.length).toBeGreaterThan(10)
  expect(changed.length + others.length).toBe(40)
  expect(previewTexts(textToShow(part, coding)!, data, { seed: 1, count: 40 })).toEqual(found)
})

it('has nothing to show of items without texts', () => {
  expect(textToShow({ count: 1, arrays: {} }, coding)).toBeNull()
  expect(textToShow(part, { ...coding, tokenizer: null })).toBeNull()
  expect(textToShow({ count: 1, arrays: { texts: Int32Array.of(-1) } }, coding)).toBeNull()
})
