import { expect, it } from 'vitest'
import type { RunConfig } from '../core/runConfig.ts'
import { chanceOf } from './chance.ts'

const config = (name: string) => ({ stages: [{ losses: [{ name }] }] }) as unknown as RunConfig
const facts = { vocabSize: 65, classes: [...'0123456789'] }

it('is what a guess among all choices costs, and nothing where no choice is made', () => {
  const plain = config('cross-entropy')
  expect(chanceOf({ facts }, plain, 'tokens')).toEqual({ loss: Math.log(65), choices: 65, unit: 'tokens' })
  expect(chanceOf({ facts }, plain, 'classes')).toMatchObject({ loss: Math.log(10), unit: 'classes' })
  // Pictures and captions have tokens, and no loss that chooses among them.
  expect(chanceOf({ facts }, config('clip'), null)).toBeNull()
  expect(chanceOf({ facts }, config('focal'), 'classes')).toBeNull()
  expect(chanceOf({ facts: { numFeatures: 3 } }, plain, 'classes')).toBeNull()
  expect(chanceOf(null, plain, 'tokens')).toBeNull()
})
