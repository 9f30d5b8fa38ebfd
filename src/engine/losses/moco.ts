import {
  cast,
  concat2d,
  greater,
  mean,
  range,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
} from '../backend/tfjs.ts'
import { l2Normalize } from '../kernels/l2Normalize/l2Normalize.ts'
import { oneToOne, similarityLoss } from '../kernels/similarity/similarityLoss.ts'
import { defineLoss, type LossMemory } from './defineLoss.ts'
import { enqueued, queueIds, queueState, type Queue } from './parts/queue.ts'
import { scaleOf, temperatureFields, temperatureScalars } from './parts/temperature.ts'

/**
 * Momentum contrast (He et al. 2020): each query picks its key, made by a momentum encoder, out of a queue of the keys of
 * earlier steps, which this step's keys join afterwards. Places of the queue that are empty as yet and those of a query's own
 * id do not count. query, key [B, D], without a gradient to the keys; ids int32 [B] from 0, or null: keys of one id in the
 * batch are all positives. State: `queue` [K, D] of unit rows, `places` int32 [K] (id + 1, or 0: empty), `pointer` int32
 * [1]. The part `filled` is the share of the queue that is not empty.
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
  state: ({ queueSize }, { width }) => queueState(queueSize, width),
  compute(params, { query, key, ids }, memory) {
    const queue = queueOf(memory)
    const keys = l2Normalize(key)
    const rows = ids ?? (range(0, key.shape[0], 1, 'int32') as Tensor1D)
    const loss = similarityLoss(l2Normalize(query), concat2d([keys, queue.rows], 0), {
      ...oneToOne,
      ids: { rows, columns: queueIds(queue, rows) },
      scale: scaleOf(params, memory),
      extraNegatives: queue.rows.shape[0],
      areExtraIdsSeen: true,
      hasBatchNegatives: params.hasBatchNegatives,
      areColumnsFixed: true,
    })
    const next = enqueued(queue, keys, ids, params.queueEnd)
    const filled = mean(cast(greater(next.places, 0), 'float32')) as Scalar
    const state = { queue: next.rows, places: next.places, pointer: next.pointer }
    return { loss, parts: { filled }, state }
  },
})

function queueOf({ state }: LossMemory): Queue {
  return {
    rows: state['queue'] as Tensor2D,
    places: state['places'] as Tensor1D,
    pointer: state['pointer'] as Tensor1D,
  }
}
