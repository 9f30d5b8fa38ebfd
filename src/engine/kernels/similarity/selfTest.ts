import {
  expandDims,
  range,
  scalar,
  sub,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../../backend/tfjs.ts'
import { defineSelfTest, valueAndGradients } from '../../selfTest/defineSelfTest.ts'
import { sigmoidSimilarityLoss } from './sigmoidSimilarityLoss.ts'
import { oneToOne, similarityLoss, type SimilarityOptions } from './similarityLoss.ts'

export default defineSelfTest({
  id: 'similarity',
  restsOn: ['matmul'],
  cases: ({ rows, width }) => {
    const views = [
      [rows, width],
      [rows, width],
    ]
    const caseWith = (name: string, options: Partial<SimilarityOptions>) => ({
      name,
      compute: () =>
        valueAndGradients([...views, []], (a, b, scale) =>
          similarityLoss(a as Tensor2D, b as Tensor2D, { ...oneToOne, ...options, scale: scale as Scalar }),
        ),
    })
    return [
      caseWith('both directions with a learned scale', { directions: 'both' }),
      caseWith('several positives, extra and hard negatives', {
        ids: Math.ceil(rows / 2),
        excludesSelf: true,
        extraNegatives: 1,
        hardness: 0.5,
      }),
      caseWith('decoupled pairs', { ids: Math.ceil(rows / 2), denominator: 'none', mean: 'pairs' }),
      caseWith('each positive with the negatives', { denominator: 'own', positivePrior: 0.1 }),
      {
        name: 'extra columns of known ids, with an empty place',
        compute: () =>
          valueAndGradients(views, (a, b) => {
            const index: Tensor1D = range(0, rows, 1, 'int32')
            const ids = { rows: index, columns: sub(scalar(rows - 2, 'int32'), index) as Tensor1D }
            const extraNegatives = Math.ceil(rows / 2)
            const options = { ...oneToOne, ids, extraNegatives, areExtraIdsSeen: true }
            return similarityLoss(a as Tensor2D, b as Tensor2D, options)
          }),
      },
      {
        name: 'rows that share one of several labels',
        compute: () =>
          valueAndGradients(views.slice(1), (a) => {
            const sets: Tensor2D = expandDims(range(1, rows + 1, 1, 'int32'), 1)
            const options = { ...oneToOne, ids: { rows: sets, columns: sets }, excludesSelf: true }
            return similarityLoss(a as Tensor2D, a as Tensor2D, options)
          }),
      },
      {
        name: 'rows with themselves',
        compute: () =>
          valueAndGradients(views.slice(1), (a) =>
            similarityLoss(a as Tensor2D, a as Tensor2D, {
              ...oneToOne,
              ids: Math.ceil(rows / 2),
              excludesSelf: true,
            }),
          ),
      },
      {
        name: 'a sigmoid for each pair',
        compute: () =>
          valueAndGradients([...views, [], []], (a, b, scale, bias) =>
            sigmoidSimilarityLoss(a as Tensor2D, b as Tensor2D, {
              ...oneToOne,
              scale: scale as Scalar,
              bias: bias as Scalar,
            }),
          ),
      },
    ]
  },
})
