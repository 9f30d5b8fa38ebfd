import type { RunConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import { offTape } from '../backend/offTape.ts'
import { concat, slice, type Tensor2D } from '../backend/tfjs.ts'
import type { LossInputs, Pairs } from '../losses/lossInputs.ts'
import { losses } from '../losses/registry.ts'
import { outputOf } from '../models/modelInputs.ts'
import { defineTask } from './defineTask.ts'
import { captionedArrays, captionedInput, captionedSizes, lackOfCaptions } from './parts/captioned.ts'
import { labelsArray } from './parts/classScores.ts'
import { collectPairs, measurePairs } from './parts/pairVectors.ts'
import { viewSearch } from './parts/searchView.ts'

/** What was learned before is held by averaged weights: without, the reference is what is held to it. */
function checkReference({ stages }: RunConfig): Issue[] {
  return stages.flatMap((stage, i) =>
    stage.losses.flatMap(({ name }, j): Issue[] =>
      losses.get(name).accepts === 'referencedPairs' && !stage.weightAverage.isEnabled
        ? [
            {
              path: ['stages', i, 'losses', j, 'name'],
              message:
                'compares with averaged weights, which this stage does not keep (weightAverage.isEnabled)',
            },
          ]
        : [],
    ),
  )
}

/** A stage that contrasts with a queue alone, from pictures to captions, would leave the texts’ tower as it is. */
function checkDirections({ stages }: RunConfig): Issue[] {
  return stages.flatMap((stage, i) => {
    const isOneWay = stage.losses.map(
      ({ name, params }) => losses.get(name).accepts === 'momentumPairs' && params['isSymmetric'] !== true,
    )
    const first = isOneWay.indexOf(true)
    const counts = stage.losses.some(({ weight }, j) => weight !== 0 && !isOneWay[j])
    if (first === -1 || counts) return []
    return [
      {
        path: ['stages', i, 'losses', first, 'params', 'isSymmetric'],
        message:
          'must be on where no other loss is: the texts’ tower would have no gradient, got off; or add another loss',
      },
    ]
  })
}

/** Pairs beside what averaged weights make of the same items. */
function taughtInputs(
  pairs: Pairs,
  teach: () => { a: Tensor2D; b: Tensor2D },
): Pick<LossInputs, 'momentumPairs' | 'referencedPairs'> {
  const taught = offTape(() => {
    const { a, b } = teach()
    return concat([a, b], 1)
  })
  const width = pairs.a.shape[1]
  const [referenceA, referenceB] = [0, width].map((from) => slice(taught, [0, from], [-1, width])) as [
    Tensor2D,
    Tensor2D,
  ]
  return {
    momentumPairs: {
      query: pairs.a,
      key: referenceB,
      ids: pairs.ids,
      reverse: { query: pairs.b, key: referenceA },
    },
    referencedPairs: { ...pairs, referenceA, referenceB },
  }
}

/** Which words belong to a picture, and which picture to some words. */
export default defineTask({
  id: 'image-text',
  title: 'Images and captions',
  summary: 'Brings pictures and their captions into one space, to find the one by the other.',
  dataKinds: ['images'],
  models: ['dual-encoder'],
  defaultLoss: 'clip',
  gives: ['pairs', 'labelledPairs', 'momentumPairs', 'referencedPairs'],
  canWrite: false,
  lack: lackOfCaptions,
  check: (config) => [...checkReference(config), ...checkDirections(config)],
  unit: 'items',
  sizes: (facts) => ({ captionedImages: captionedSizes(facts, { kind: 'none' }) }),
  arrays(facts, config) {
    const hasLabels = (facts.classes?.length ?? 0) > 0
    return {
      ...captionedArrays(facts, config),
      ...(hasLabels ? { labels: { ...labelsArray(facts), isTarget: false } } : {}),
    }
  },
  lossWidth: (_facts, { model }) => Number(model['projectionDim']),
  forward(predict, batch, teach) {
    const { arrays } = batch
    const captionedImages = captionedInput(batch)
    const { a, b } = outputOf(predict({ captionedImages }), 'pair')
    const pairs = { a, b, ids: arrays['textIds']! }
    const labels = arrays['labels']
    return {
      pairs,
      ...(teach && taughtInputs(pairs, () => outputOf(teach({ captionedImages }), 'pair'))),
      ...(labels === undefined ? {} : { labelledPairs: { ...pairs, labels } }),
    }
  },
  measuredKind: 'pairs',
  measure: measurePairs,
  collect: collectPairs,
  pairs: collectPairs,
  view: viewSearch,
})
