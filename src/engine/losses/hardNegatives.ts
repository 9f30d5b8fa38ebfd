import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { defineLoss } from './defineLoss.ts'
import { hardNegativeFields, hardnessOf } from './parts/hardNegatives.ts'
import { sidePairs } from './parts/labelPairs.ts'
import { meanOfPositives, symmetricMaskedContrast } from './parts/maskedContrast.ts'
import { scaleOf, temperatureFields, temperaturePart, temperatureScalars } from './parts/temperature.ts'

/**
 * Symmetric contrastive loss whose hard negatives count several times in the denominator: those most alike, or those a
 * little less alike than the positives (the band of Schroff et al. 2015). Which ones are hard carries no gradient. Rows with
 * the same id are positives of each other, each against the negatives alone; the mean over them. a, b [B, D].
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
    const scale = scaleOf(params, memory)
    const loss = symmetricMaskedContrast(
      {
        rows: l2Normalize(a),
        columns: l2Normalize(b),
        scale,
        // Equal ids are equal both ways.
        pairs: (_alike, block) => sidePairs(ids, a.shape[0], block),
        extra: (alike, pairs) => hardnessOf(alike, pairs, params),
      },
      { ...meanOfPositives, denominator: 'own' },
    )
    return { loss, parts: temperaturePart(scale) }
  },
})
