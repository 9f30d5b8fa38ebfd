import type { RunConfig } from '../../core/runConfig.ts'
import type { Issue } from '../../core/schema.ts'
import { reshape, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { losses } from '../losses/registry.ts'
import { logitsOf } from '../models/modelInputs.ts'
import { defineTask, factOf } from './defineTask.ts'
import {
  classInputs,
  classKinds,
  collectScores,
  labelsArray,
  lackOfClasses,
  measureScores,
} from './parts/classScores.ts'
import { viewScores } from './parts/classView.ts'

const isSoft = (name: string) => losses.get(name).accepts === 'softClasses'

function asksForShares({ stages }: RunConfig): boolean {
  return stages.some((stage) => stage.losses.some(({ name }) => isSoft(name)))
}

/** A mixed picture has two classes, of which other losses know one. */
function checkMixing({ data, stages }: RunConfig): Issue[] {
  if (data.mixing.kind === 'none') return []
  return stages.flatMap((stage, i) =>
    stage.losses.flatMap(({ name }, j): Issue[] =>
      isSoft(name)
        ? []
        : [
            {
              path: ['stages', i, 'losses', j, 'name'],
              message: `must be soft-cross-entropy where pictures are mixed (data.mixing.kind: ${data.mixing.kind}), got ${name}`,
            },
          ],
    ),
  )
}

/** Which class is on a picture. */
export default defineTask({
  id: 'image-classification',
  title: 'Image classification',
  summary: 'Learns from pictures with labels to say what is on new ones.',
  guesses: 'classes',
  dataKinds: ['images'],
  models: ['vit', 'conv-net'],
  defaultLoss: 'cross-entropy',
  gives: [...classKinds, 'softClasses'],
  lack: (facts) => (facts.image === undefined ? 'needs pictures' : lackOfClasses(facts)),
  canWrite: false,
  check: checkMixing,
  unit: 'items',
  sizes: (facts) => ({
    images: {
      ...factOf(facts, 'image'),
      head: { kind: 'classes', count: factOf(facts, 'classes').length },
    },
  }),
  arrays(facts, config) {
    const { height, width, channels } = factOf(facts, 'image')
    const perItem = factOf(facts, 'classes').length
    return {
      pixels: { dtype: 'float32', perItem: height * width * channels, range: null, label: 'pixels' },
      labels: labelsArray(facts),
      ...(asksForShares(config)
        ? { softLabels: { dtype: 'float32', perItem, range: null, label: 'shares of classes' } as const }
        : {}),
    }
  },
  lossWidth: (facts) => factOf(facts, 'classes').length,
  forward(predict, { arrays, batchSize, facts }) {
    const { height, width, channels } = factOf(facts, 'image')
    const pixels: Tensor4D = reshape(arrays['pixels']!, [batchSize, height, width, channels])
    const output = predict({ images: { pixels } })
    const shares = arrays['softLabels']
    const ofClasses = classInputs(output, arrays['labels']!, facts.classCounts ?? null)
    if (shares === undefined) return ofClasses
    const targets: Tensor2D = reshape(shares, [batchSize, shares.size / batchSize])
    return { ...ofClasses, softClasses: { logits: logitsOf(output), targets } }
  },
  measuredKind: 'classes',
  measure: measureScores,
  collect: collectScores,
  view: viewScores,
})
