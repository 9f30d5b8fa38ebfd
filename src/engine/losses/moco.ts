import { BunsenError } from '../../core/errors.ts'
import {
  add,
  concat2d,
  log,
  mul,
  range,
  sub,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { offTape } from '../backend/offTape.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss, type LossMemory } from './defineLoss.ts'
import { enqueued, filledShare, queueIds, queueState, type Queue } from './parts/queue.ts'
import {
  scaleOf,
  temperatureFields,
  temperaturePart,
  temperatureScalars,
  type Temperature,
} from './parts/temperature.ts'

/**
 * Momentum contrast (He et al. 2020): each query picks its key, made by a momentum encoder, out of a queue of the keys of
 * earlier steps, which this step's keys join afterwards. Places of the queue that are empty as yet and those of a query's own
 * id do not count. query, key [B, D], without a gradient to the keys; ids int32 [B] from 0, or null: keys of one id in the
 * batch are all positives. Symmetric, the mean of that and of the same the other way round, with a queue of its own: both
 * encoders get a gradient. State: `queue` [K, D] of unit rows, `places` int32 [K] (id + 1, or 0: empty), `pointer` int32
 * [1], and `reverseQueue` [K, D]. The part `filled` is the share of the queue that is not empty; `temperature`, where it is
 * learned or follows that.
 */
export default defineLoss({
  id: 'moco',
  title: 'MoCo',
  summary: 'Finds a query’s key among many keys of earlier steps.',
  formula: 'mean of −log( e^{q·k/τ} / (e^{q·k/τ} + Σ_{n ∈ queue} e^{q·n/τ}) ), all normalised',
  use: 'Many negatives without large batches.',
  link: 'https://arxiv.org/abs/1911.05722',
  accepts: 'momentumPairs',
  fields: {
    ...temperatureFields,
    queueSize: {
      type: 'int',
      label: 'Queue',
      help: 'So many keys are kept as negatives.',
      default: 4096,
      min: 1,
      max: 1_048_576,
      scale: 'log',
    },
    hasBatchNegatives: {
      type: 'bool',
      label: 'Negatives of the batch',
      help: 'The keys of other queries count, too.',
      default: false,
    },
    isSymmetric: {
      type: 'bool',
      label: 'Both directions',
      help: 'The other side asks too, with a queue of its own. With two towers only this trains both.',
      default: false,
    },
    emptyFactor: {
      type: 'number',
      label: 'Factor of an empty queue',
      help: 'So many times higher the temperature is with an empty queue, and falls as that fills up.',
      default: 1,
      min: 1,
      max: 10,
      step: 0.1,
      isAdvanced: true,
    },
    queueEnd: {
      type: 'choice',
      label: 'End of the queue',
      help: 'Where the last keys go that do not fit before it; nothing where batches divide the queue.',
      default: 'wrap',
      isAdvanced: true,
      options: [
        { value: 'wrap', label: 'To its beginning' },
        { value: 'truncate', label: 'Nowhere', help: 'The next batch begins at its beginning all the same.' },
      ],
    },
  },
  scalars: temperatureScalars,
  state: ({ queueSize, isSymmetric }, { width }) => {
    const { queue, ...others } = queueState(queueSize, width)
    return { queue, ...others, ...(isSymmetric ? { reverseQueue: queue } : {}) }
  },
  compute(params, pairs, memory) {
    const { ids } = pairs
    const queue = queueOf(memory)
    const rows = ids ?? (range(0, pairs.key.shape[0], 1, 'int32') as Tensor1D)
    const scale = scaleByFill(params, memory, queue)
    const oneWay = (query: Tensor2D, keys: Tensor2D, earlier: Queue): Scalar =>
      similarityLoss(l2Normalize(query), concat2d([keys, earlier.rows], 0), {
        ...oneToOne,
        ids: { rows, columns: queueIds(earlier, rows) },
        scale,
        extraNegatives: earlier.rows.shape[0],
        areExtraIdsSeen: true,
        hasBatchNegatives: params.hasBatchNegatives,
        areColumnsFixed: true,
        weight: params.isSymmetric ? 0.5 : 1,
      })
    const keys = l2Normalize(pairs.key)
    const there = oneWay(pairs.query, keys, queue)
    const next = enqueued(queue, keys, ids, params.queueEnd)
    const parts = { filled: filledShare(next.places), ...temperaturePart(scale) }
    const state = { queue: next.rows, places: next.places, pointer: next.pointer }
    if (!params.isSymmetric) return { loss: there, parts, state }
    const { reverse } = pairs
    if (reverse === undefined) throw needsReverse()
    // Who is where is the same in both.
    const reverseQueue: Queue = { ...queue, rows: memory.state['reverseQueue'] as Tensor2D }
    const reverseKeys = l2Normalize(reverse.key)
    const back = oneWay(reverse.query, reverseKeys, reverseQueue)
    const { rows: nextReverse } = enqueued(reverseQueue, reverseKeys, ids, params.queueEnd)
    return { loss: add(there, back) as Scalar, parts, state: { ...state, reverseQueue: nextReverse } }
  },
})

/** The scale at a temperature of so many times what is set, by how full the queue is. */
function scaleByFill(
  { emptyFactor, ...params }: Temperature & { readonly emptyFactor: number },
  memory: LossMemory,
  { places }: Queue,
): number | Scalar {
  const scale = scaleOf(params, memory)
  if (!(emptyFactor > 1)) return scale
  const logFactor = offTape(() => log(sub(emptyFactor, mul(filledShare(places), emptyFactor - 1))) as Scalar)
  return sub(typeof scale === 'number' ? Math.log(scale) : scale, logFactor)
}

function needsReverse(): BunsenError {
  return new BunsenError('Loss moco: must be given pairs the other way round, got one direction', {
    code: 'loss-input',
    remedy: 'Turn both directions (isSymmetric) off.',
  })
}

function queueOf({ state }: LossMemory): Queue {
  return {
    rows: state['queue'] as Tensor2D,
    places: state['places'] as Tensor1D,
    pointer: state['pointer'] as Tensor1D,
  }
}
