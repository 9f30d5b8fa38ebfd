import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, type Tensor, type Tensor1D } from '../backend/tfjs.ts'
import dpo from './dpo.ts'

const beta = 0.3
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const referenceChosen = [-3, -1, -2, -4]
const referenceRejected = [-2, -1.5, -3, -4]

const variants: Record<string, (h: number) => number> = {
  sigmoid: (h) => -0.9 * Math.log(sigmoid(beta * h)) - 0.1 * Math.log(sigmoid(-beta * h)),
  hinge: (h) => Math.max(0, 1 - beta * h),
  ipo: (h) => (h - 1 / (2 * beta)) ** 2,
}

const preferences = (policyChosen: Tensor, policyRejected: Tensor) => ({
  preferences: {
    policyChosen: policyChosen as Tensor1D,
    policyRejected: policyRejected as Tensor1D,
    referenceChosen: tensor1d(referenceChosen),
    referenceRejected: tensor1d(referenceRejected),
  },
})

await describeOnDevices('direct preference optimisation', () => {
  it.each(Object.entries(variants))('equals its definition: %s', async (variant, term) => {
    for (const isReferenceFree of [false, true]) {
      await expectLossMatches(
        {
          loss: dpo,
          params: { variant, beta, labelSmoothing: 0.1, isReferenceFree },
          shapes: [[4], [4]],
          as: preferences,
        },
        (chosen, rejected) =>
          mean(
            referenceChosen.map((reference, i) => {
              const lead = isReferenceFree ? 0 : reference - referenceRejected[i]!
              return term(chosen![i]! - rejected![i]! - lead)
            }),
          ),
      )
    }
  })

  it('tells how often and by how much the chosen answer is preferred', async () => {
    const { loss, parts } = dpo.compute(
      { variant: 'sigmoid', beta, labelSmoothing: 0, isReferenceFree: false },
      preferences(tensor1d([-1, -1, -5, -4]), tensor1d([-2, -1.5, -3, -5])),
    )
    // leads 1, 0.5, -2, 1 against the reference's -1, 0.5, 1, 0
    const margins = [2, 0, -3, 1].map((h) => beta * h)
    expect((await parts['rewardMargin']!.data())[0]).toBeCloseTo(mean(margins), 6)
    expect((await parts['rewardAccuracy']!.data())[0]).toBe(0.5)
    expect(Number.isFinite((await loss.data())[0])).toBe(true)
  })
})
