import { expect, it } from 'vitest'
import { metrics } from './registry.ts'

it('perplexity of a uniform guess is the number of choices', () => {
  expect(metrics.get('perplexity').compute({ meanLoss: Math.log(65) })).toBeCloseTo(65, 10)
})

it('bits a token of a fair coin is one', () => {
  expect(metrics.get('bitsPerToken').compute({ meanLoss: Math.log(2) })).toBe(1)
})
