import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectFusedMatchesTwin, valueAndGradients } from '../../../../tests/helpers/kernels.ts'
import { Generator } from '../../../core/rng.ts'
import type { Tensor } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { dropout } from './dropout.ts'
import { dropoutMask } from './dropoutMask.ts'

const generator = new Generator(42, 'dropout/test')
const optionsOf = (rate: number, step: number) => ({ rate, step, key: generator.key, counter: null })

describe('dropoutMask', () => {
  it('keeps exactly where the generator says at least the rate', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      for (const step of [0, 5, 2 ** 32 + 3]) {
        const mask = dropoutMask(131, optionsOf(rate, step))
        mask.forEach((factor, i) => {
          const expected = generator.uniform(step, i) >= rate ? Math.fround(1 / (1 - rate)) : 0
          expect(factor).toBe(expected)
        })
      }
    }
  })
})

await describeOnDevices('dropout', () => {
  it('multiplies by the mask, forward and backward', async () => {
    for (const size of [1, 63, 64, 65, 1000]) {
      const mask = dropoutMask(size, optionsOf(0.3, 9))
      const inputs = [new Float32Array(size).fill(1)]
      const run = (x: Tensor): Tensor => dropout(x, optionsOf(0.3, 9))
      const [value, gradient] = await valueAndGradients({ shapes: [[size]], inputs, run })
      expect([...value!]).toEqual([...mask])
      gradient!.forEach((factor, i) => expect(factor === 0).toBe(mask[i] === 0))
      await expectFusedMatchesTwin({ shapes: [[size]], run }, { rtol: 1e-7, atol: 0 })
    }
  })

  it('uses the whole step number', async () => {
    const x = tf.ones([64])
    const early = await dropout(x, optionsOf(0.5, 3)).data()
    const late = await dropout(x, optionsOf(0.5, 2 ** 32 + 3)).data()
    expect([...late]).toEqual([...dropoutMask(64, optionsOf(0.5, 2 ** 32 + 3))])
    expect([...late]).not.toEqual([...early])
  })

  it('is the identity at rate 0 and refuses rate 1', async () => {
    const x = tf.tensor1d([1, 2, 3])
    expect([...(await dropout(x, optionsOf(0, 0)).data())]).toEqual([1, 2, 3])
    expect(() => dropout(x, optionsOf(1, 0))).toThrow(/rate must be at least 0 and less than 1, got 1/)
  })
})
