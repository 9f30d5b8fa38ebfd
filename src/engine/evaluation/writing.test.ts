import { describe, expect, it } from 'vitest'
import goldens from '../../../tests/fixtures/translation/scores.json' with { type: 'json' }
import bleu from './bleu.ts'
import chrF from './chrF.ts'
import exactMatch from './exactMatch.ts'

describe.each(goldens.cases.map((golden) => [golden.name, golden] as const))(
  'of sacreBLEU’s texts, %s',
  (_name, { said, right, ...expected }) => {
    it('BLEU', () => expect(bleu.compute({ said, right })).toBeCloseTo(expected.bleu, 10))
    it('chrF', () => expect(chrF.compute({ said, right })).toBeCloseTo(expected.chrF, 10))
  },
)

it('counts texts that are the same to the character', () => {
  expect(exactMatch.compute({ said: ['a', 'B ', 'c'], right: ['a', 'B', 'c'] })).toBeCloseTo(2 / 3)
  expect(exactMatch.compute({ said: [], right: [] })).toBeNull()
})
