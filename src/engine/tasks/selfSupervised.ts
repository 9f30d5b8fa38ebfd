import type { RunConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import { offTape } from '../backend/offTape.ts'
import { concat, reshape, slice, type Tensor1D, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { losses } from '../losses/registry.ts'
import { outputOf, type ProjectionHead } from '../models/modelInputs.ts'
import { models } from '../models/registry.ts'
import { defineTask, factOf, type ArraySpec, type Predict, type TaskBatch } from './defineTask.ts'
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

/** Crops that no patch fits, or whose shares of the area are the wrong way round. */
function checkCrops({ data: { smallCrops }, model }: RunConfig): Issue[] {
  const { count, size, minScale, maxScale } = smallCrops
  if (count === 0) return []
  const unit = models.get(model.kind).imageUnit(model)
  const at = ['data', 'smallCrops']
  return [
    ...(size % unit === 0
      ? []
      : [{ path: [...at, 'size'], message: `must be a multiple of the patch size ${unit}, got ${size}` }]),
    ...(minScale <= maxScale
      ? []
      : [{ path: [...at, 'minScale'], message: `must be at most maxScale ${maxScale}, got ${minScale}` }]),
  ]
}

/** [V * B, D], view after view, as V matrices [B, D]. */
function viewsOf(x: Tensor2D, batchSize: number): Tensor2D[] {
  return Array.from({ length: x.shape[0] / batchSize }, (_, view) =>
    slice(x, [view * batchSize, 0], [batchSize, -1]),
  )
}

const smallView = (crop: number): string => `smallView${crop}`

/** What is made of the small crops, in a pass of their own: they have another size. Each [B, …]; empty without any. */
function smallViews(predict: Predict, { arrays, batchSize, facts }: TaskBatch) {
  const crops: Tensor1D[] = []
  for (let crop = 0; smallView(crop) in arrays; crop++) crops.push(arrays[smallView(crop)]!)
  if (crops.length === 0) return { student: [], scores: [] }
  const { channels } = factOf(facts, 'image')
  const side = Math.sqrt(crops[0]!.size / batchSize / channels)
  const pixels: Tensor4D = reshape(concat(crops), [crops.length * batchSize, side, side, channels])
  const { vectors, predicted, scores } = outputOf(predict({ images: { pixels } }), 'projection')
  return {
    student: viewsOf(predicted ?? vectors, batchSize),
    scores: scores === null ? [] : viewsOf(scores, batchSize),
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
  lack({ image }, { data: { smallCrops } }) {
    if (image === undefined) return 'needs pictures'
    // A model's places for a whole picture stand for those of a square crop.
    return smallCrops.count > 0 && image.height !== image.width
      ? `needs square pictures for small crops (data.smallCrops.count), got ${image.width} × ${image.height}`
      : null
  },
  check(config) {
    const issues = checkCrops(config)
    if (config.data.augmentations.length > 0) return issues
    const why = 'without, both views of a picture are the same, and there is nothing to learn'
    return [...issues, { path: ['data', 'augmentations'], message: `must have at least one: ${why}` }]
  },
  sizes: (facts, config) => ({ images: { ...factOf(facts, 'image'), head: headOf(config) } }),
  arrays(facts, { data: { smallCrops } }) {
    const { height, width, channels } = factOf(facts, 'image')
    const view = (label: string, perItem = height * width * channels): ArraySpec => ({
      dtype: 'float32',
      perItem,
      range: null,
      label,
    })
    const { count, size } = smallCrops
    const hasLabels = (facts.classes?.length ?? 0) > 0
    return {
      viewA: view('first views'),
      viewB: view('second views'),
      ...Object.fromEntries(
        Array.from({ length: count }, (_, crop) => [
          smallView(crop),
          view('small crops', size ** 2 * channels),
        ]),
      ),
      ids: { dtype: 'int32', perItem: 1, range: null, label: 'places of items' },
      ...(hasLabels ? { labels: { ...labelsArray(facts), isTarget: false } } : {}),
    }
  },
  lossWidth: (_facts, { projector }) => projector.dim,
  forward(predict, batch, teach) {
    const { arrays, batchSize, facts } = batch
    const { height, width, channels } = factOf(facts, 'image')
    // One pass of both views: each row drops out by itself.
    const both = concat([arrays['viewA']!, arrays['viewB']!])
    const pixels: Tensor4D = reshape(both, [2 * batchSize, height, width, channels])
    const halves = (x: Tensor2D) => viewsOf(x, batchSize) as [Tensor2D, Tensor2D]
    const output = predict({ images: { pixels } })
    const { vectors, predicted, scores } = outputOf(output, 'projection')
    const [a, b] = halves(vectors)
    const teacher =
      teach && halves(offTape(() => outputOf(teach({ images: { pixels } }), 'projection').vectors.clone()))
    const small = smallViews(predict, batch)
    const ids = arrays['ids']!
    const labels = arrays['labels']
    const [pooled] = halves(outputOf(output, 'pooled'))
    return {
      pairs: { a, b, ids },
      ...(teacher && {
        momentumPairs: { query: a, key: teacher[1], ids, reverse: { query: b, key: teacher[0] } },
        views: { student: [...(predicted === null ? [a, b] : halves(predicted)), ...small.student], teacher },
      }),
      embeddings: { embeddings: pooled },
      ...(scores === null
        ? {}
        : { prototypeScores: { high: halves(scores), low: small.scores, queued: [] } }),
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
