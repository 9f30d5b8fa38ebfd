import type { RunConfig } from '../../core/runConfig.ts'
import { offTape } from '../backend/offTape.ts'
import { concat, reshape, slice, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { losses } from '../losses/registry.ts'
import { outputOf, type ProjectionHead } from '../models/modelInputs.ts'
import { defineTask, factOf, type ArraySpec } from './defineTask.ts'
import { labelsArray } from './parts/classScores.ts'
import { collectVectors, measureVectors } from './parts/itemVectors.ts'
import { viewNeighbours } from './parts/neighbourView.ts'

/** Of the losses on views these predict what the teacher makes; the others compare with it. */
const predicting = ['byol', 'simsiam']

function headOf({ projector, stages }: RunConfig): ProjectionHead {
  const names = stages.flatMap((stage) => stage.losses.map(({ name }) => name))
  const { hiddenDim, dim, prototypes } = projector
  return {
    kind: 'projection',
    hiddenDim,
    dim,
    hasPredictor: names.some((name) => predicting.includes(name)),
    prototypes: names.some((name) => losses.get(name).accepts === 'prototypeScores') ? prototypes : 0,
  }
}

/** What two pictures of the same thing have in common, without being told what it is. */
export default defineTask({
  id: 'self-supervised',
  title: 'Self-supervised images',
  summary: 'Learns from pictures without labels, by what two augmentations of the same one have in common.',
  dataKinds: ['images'],
  models: ['vit', 'conv-net'],
  defaultLoss: 'nt-xent',
  gives: ['pairs', 'views', 'momentumPairs', 'prototypeScores', 'embeddings', 'labelled', 'labelledPairs'],
  canWrite: false,
  unit: 'items',
  lack: (facts) => (facts.image === undefined ? 'needs pictures' : null),
  check({ data }) {
    if (data.augmentations.length > 0) return []
    const why = 'without, both views of a picture are the same, and there is nothing to learn'
    return [{ path: ['data', 'augmentations'], message: `must have at least one: ${why}` }]
  },
  sizes: (facts, config) => ({ images: { ...factOf(facts, 'image'), head: headOf(config) } }),
  arrays(facts) {
    const { height, width, channels } = factOf(facts, 'image')
    const view = (label: string): ArraySpec => ({
      dtype: 'float32',
      perItem: height * width * channels,
      range: null,
      label,
    })
    const hasLabels = (facts.classes?.length ?? 0) > 0
    return {
      viewA: view('first views'),
      viewB: view('second views'),
      ids: { dtype: 'int32', perItem: 1, range: null, label: 'places of items' },
      ...(hasLabels ? { labels: { ...labelsArray(facts), isTarget: false } } : {}),
    }
  },
  lossWidth: (_facts, { projector }) => projector.dim,
  forward(predict, { arrays, batchSize, facts }, teach) {
    const { height, width, channels } = factOf(facts, 'image')
    // One pass of both views: each row drops out by itself.
    const both = concat([arrays['viewA']!, arrays['viewB']!])
    const pixels: Tensor4D = reshape(both, [2 * batchSize, height, width, channels])
    const halves = (x: Tensor2D): [Tensor2D, Tensor2D] => [
      slice(x, [0, 0], [batchSize, -1]),
      slice(x, [batchSize, 0], [batchSize, -1]),
    ]
    const output = predict({ images: { pixels } })
    const { vectors, predicted, scores } = outputOf(output, 'projection')
    const [a, b] = halves(vectors)
    const taught = offTape(() => outputOf(teach({ images: { pixels } }), 'projection').vectors.clone())
    const teacher = halves(taught)
    const ids = arrays['ids']!
    const labels = arrays['labels']
    const [pooled] = halves(outputOf(output, 'pooled'))
    return {
      pairs: { a, b, ids },
      momentumPairs: { query: a, key: teacher[1], ids },
      views: { student: predicted === null ? [a, b] : halves(predicted), teacher },
      embeddings: { embeddings: pooled },
      ...(scores === null ? {} : { prototypeScores: { high: halves(scores), low: [], queued: [] } }),
      ...(labels === undefined
        ? {}
        : {
            labelled: { embeddings: vectors, labels: concat([labels, labels]) },
            labelledPairs: { a, b, ids, labels },
          }),
    }
  },
  measuredKind: 'vectors',
  measure: measureVectors,
  collect: collectVectors,
  view: viewNeighbours,
})
