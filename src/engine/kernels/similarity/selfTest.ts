import type { Scalar, Tensor2D } from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { similarityLoss, type SimilarityOptions } from './similarityLoss.ts'

const contrastive = {
  excludesSelf: false,
  extraNegatives: 0,
  hasBatchNegatives: true,
  weight: 0.5,
}

export default defineSelfTest({
  id: 'similarity',
  restsOn: ['matmul'],
  cases: ({ rows, width }) => {
    const views = [
      [rows, width],
      [rows, width],
    ]
    const caseWith = (name: string, options: Omit<SimilarityOptions, 'scale'>) => ({
      name,
      compute: () =>
        valueAndGradients([...views, []], (a, b, scale) =>
          similarityLoss(a as Tensor2D, b as Tensor2D, { ...options, scale: scale as Scalar }),
        ),
    })
    return [
      caseWith('InfoNCE with a learned scale', { ...contrastive, ids: rows }),
      caseWith('several positives, and extra negatives', {
        ...contrastive,
        ids: Math.ceil(rows / 2),
        excludesSelf: true,
        extraNegatives: 1,
      }),
    ]
  },
})
