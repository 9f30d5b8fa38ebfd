import { offTape } from '../backend/offTape.ts'
import { concat1d, concat2d, range, type Tensor1D, type Tensor2D } from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { defineLoss } from './defineLoss.ts'
import type { Pairs } from './lossInputs.ts'
import { comparedRows, similarityFields } from './parts/compared.ts'
import { hardNegativeFields, hardnessOf } from './parts/hardNegatives.ts'
import { alikeThreshold, sidePairs, withAlike, withoutSelf } from './parts/labelPairs.ts'
import {
  contrastReducerFields,
  maskedContrast,
  symmetricMaskedContrast,
  type ContrastSides,
} from './parts/maskedContrast.ts'
import { rowsIn } from './parts/rowBlocks.ts'
import {
  checkSchedule,
  scheduledScale,
  scheduleFields,
  scheduleState,
  temperatureFields,
  temperaturePart,
  temperatureScalars,
} from './parts/temperature.ts'

/**
 * Contrastive loss put together of its parts: a similarity, who is positive, how an anchor's positives are joined (Khosla et
 * al. 2020, L_out; Miech et al. 2020, MIL-NCE), what stands in the denominator (Yeh et al. 2022), how hard negatives count,
 * a temperature, and what the mean is over. a, b [B, D]: rows of one side are held against those of the other, seen from
 * both, or all 2B against each other. Rows with the same id are positives of each other. State where the temperature is
 * scheduled: `temperatureCount` [1], the batches seen.
 */
export default defineLoss({
  id: 'composed-contrastive',
  title: 'Contrastive, of parts',
  summary: 'Pulls pairs together and pushes others apart, with every choice in the open.',
  formula:
    'mean of −log( Σ_p e^{s_p} / (Σ_p e^{s_p} + Σ_n w_n e^{s_n}) ) or its relatives, s = similarity / τ',
  use: 'Trying what one part of a contrastive loss does. Those that have a name of their own are quicker.',
  link: 'https://arxiv.org/abs/1912.06430',
  accepts: 'pairs',
  fields: {
    ...temperatureFields,
    ...scheduleFields,
    ...similarityFields,
    compares: {
      type: 'choice',
      label: 'Compares',
      help: 'What is held against what.',
      default: 'sides',
      options: [
        {
          value: 'sides',
          label: 'The sides',
          help: 'Rows of one side with those of the other, seen from both.',
        },
        { value: 'views', label: 'All rows', help: 'Both sides as one batch: views of one kind.' },
      ],
    },
    positives: {
      type: 'choice',
      label: 'Positives',
      help: 'Which rows belong together.',
      default: 'ids',
      options: [
        { value: 'ids', label: 'Those of one item' },
        { value: 'alike', label: 'Those that are alike, too', help: 'From a cosine on, as they are now.' },
      ],
    },
    threshold: { ...alikeThreshold, default: 0.9 },
    joins: {
      type: 'choice',
      label: 'Joins positives',
      help: 'What several positives of an anchor come to.',
      default: 'mean-log',
      options: [
        { value: 'mean-log', label: 'Mean of logarithms', help: 'Each of them has to be near.' },
        { value: 'log-sum', label: 'Logarithm of the sum', help: 'One of them has to be near (MIL-NCE).' },
      ],
    },
    denominator: {
      type: 'choice',
      label: 'Denominator',
      help: 'Which positives stand in it beside the negatives.',
      default: 'all',
      options: [
        { value: 'all', label: 'All positives' },
        { value: 'own', label: 'The positive itself', help: 'Positives do not compete with each other.' },
        { value: 'none', label: 'None', help: 'Decoupled: easy pairs keep their gradient.' },
      ],
    },
    hard: {
      type: 'choice',
      label: 'Hard negatives',
      help: 'Which negatives count several times.',
      default: 'none',
      options: [
        { value: 'none', label: 'None' },
        { value: 'semi-hard', label: 'Semi-hard ones', help: 'A little less alike than the positives.' },
        { value: 'top', label: 'The most alike', help: 'A share of each row’s negatives.' },
      ],
    },
    ...hardNegativeFields,
    ...contrastReducerFields,
  },
  scalars: temperatureScalars,
  state: scheduleState,
  check: checkSchedule,
  canBeNegative: ({ denominator }) => denominator === 'none',
  compute(params, given, memory) {
    const { hard } = params
    const isOfViews = params.compares === 'views'
    const { a, b, ids } = isOfViews ? asOneSide(given) : given
    const [rows, columns] = comparedRows(a, b, params.similarity)
    const { scale, state } = scheduledScale(params, memory)
    const extra: ContrastSides['extra'] =
      hard === 'none' ? undefined : (alike, pairs) => hardnessOf(alike, pairs, { ...params, strategy: hard })
    const there = { rows, columns, scale, extra, pairs: pairsOf(params, { a, b, ids }) }
    const back = { ...there, rows: columns, columns: rows, pairs: pairsOf(params, { a: b, b: a, ids }) }
    const rules = { ...params, anchorWeights: null }
    const loss = isOfViews ? maskedContrast(there, rules) : symmetricMaskedContrast(there, rules, back)
    return { loss, parts: temperaturePart(scale), state }
  },
})

/** All rows of both sides, each held against all: partners have the same id. */
function asOneSide({ a, b, ids }: Pairs): Pairs {
  const all = concat2d([a, b], 0)
  const own = ids ?? (range(0, a.shape[0], 1, 'int32') as Tensor1D)
  return { a: all, b: all, ids: concat1d([own, own]) }
}

interface Positives {
  readonly compares: 'sides' | 'views'
  readonly positives: 'ids' | 'alike'
  readonly similarity: 'cosine' | 'dot' | 'squared-distance'
  readonly threshold: number
}

function pairsOf(settings: Positives, { a, b, ids }: Pairs): ContrastSides['pairs'] {
  const { compares, positives, similarity, threshold } = settings
  const isByCosine = positives === 'alike' && similarity !== 'cosine'
  const [unitA, unitB] = isByCosine ? unitRows(a, b) : [a, b]
  return (alike, block) => {
    const named = sidePairs(ids, a.shape[0], block)
    const cosines = (): Tensor2D => (isByCosine ? rowScores(rowsIn(unitA, block), unitB) : alike)
    const pairs = positives === 'ids' ? named : withAlike(named, cosines(), threshold)
    return compares === 'views' ? withoutSelf(pairs, block) : pairs
  }
}

/** Without a gradient: of who is alike there is none. */
function unitRows(a: Tensor2D, b: Tensor2D): [Tensor2D, Tensor2D] {
  return [offTape(() => l2Normalize(a)), offTape(() => l2Normalize(b))]
}
