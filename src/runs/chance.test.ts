import { expect, it } from 'vitest'
import { chanceOf } from './chance.ts'

it('is what a guess among all choices costs, and nothing where no choice is made', () => {
  expect(chanceOf({ facts: { vocabSize: 65 } })).toEqual({ loss: Math.log(65), choices: 65, unit: 'tokens' })
  const digits = { classes: [...'0123456789'], image: { height: 8, width: 8, channels: 1 } }
  expect(chanceOf({ facts: digits })).toMatchObject({ loss: Math.log(10), unit: 'classes' })
  expect(chanceOf({ facts: { numFeatures: 3, classes: [], target: { mean: 0, deviation: 1 } } })).toBeNull()
  expect(chanceOf(null)).toBeNull()
})
