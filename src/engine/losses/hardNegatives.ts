import { exp, mul, transpose, type Tensor2D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import { hardNegativeFields, hardnessOf } from './parts/hardNegatives.ts'
import { sidePairs } from './parts/labelPairs.ts'
import { meanOfPositives, symmetricMaskedContrast } from './parts/maskedContrast.ts'
import { scaleOf, temperatureFields, temperaturePart, temperatureScalars } from './parts/temperature.ts'

/**
 * Symmetric contrastive loss whose hard negatives count several times in the denominator: those most alike, or those a
 * little less alike than the positives (the band of Schroff et al. 2015). Which ones are hard carries no gradient. Rows with
 * the same id are positives of each other, each against the negatives alone; the mean over them. a, b [B, D]. Keeps
 * matrices [B, B].
 */
export default defineLoss({
  id: 'hard-negatives',
  title: 'Hard negatives',
  summary: 'Pulls pairs together and pushes others apart, above all those that are easily mistaken.',
  formula:
    '½ of both directions of mean −log( e^{s_p} / (e^{s_p} + Σ_n w_n e^{s_n}) ), w_n the weight if hard, else 1',
  use: 'Dual encoders that have learned what is easy.',
  link: 'https://arxiv.org/abs/1503.03832',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    strategy: {
      type: 'choice',
      label: 'Hard are',
      help: 'Which negatives count several times.',
      default: 'semi-hard',
      options: [
        { value: 'semi-hard', label: 'Semi-hard ones', help: 'A little less alike than the positives.' },
        { value: 'top', label: 'The most alike', help: 'A share of each row’s negatives.' },
      ],
    },
    ...hardNegativeFields,
  },
  scalars: temperatureScalars,
  compute(params, { a, b, ids }, memory) {
    const alike = rowScores(l2Normalize(a), l2Normalize(b))
    const pairs = sidePairs(ids, a.shape[0])
    const scale = scaleOf(params, memory)
    const scores: Tensor2D = mul(alike, typeof scale === 'number' ? scale : exp(scale))
    // Equal ids are equal both ways: the masks are symmetric.
    const rules = { ...meanOfPositives, denominator: 'own' } as const
    const loss = symmetricMaskedContrast(scores, pairs, rules, [
      hardnessOf(alike, pairs, params),
      hardnessOf(transpose(alike), pairs, params),
    ])
    return { loss, parts: temperaturePart(scale) }
  },
})
