import type { ConfigValue } from '../../src/core/schema.ts'

/** A run whose next step needs more than weights, optimizer moments and a number of steps. */
export interface StatefulConfig {
  /** What it keeps beside them. */
  readonly state: string
  /** All but the source of its data and the steps of its stages. */
  readonly config: { readonly [name: string]: ConfigValue }
}

interface Parts {
  task?: string
  model?: ConfigValue
  data?: { readonly [name: string]: ConfigValue }
  losses: string[] | ConfigValue[]
  stage?: { readonly [name: string]: ConfigValue }
}

const convNet = { kind: 'conv-net', widths: [4], blocksPerStage: 1, stemStride: 2 }
const tower = { numLayers: 1, numHeads: 2, embedDim: 8 }
const averaged = { weightAverage: { isEnabled: true, decay: 0.9, isEvaluated: false } }

function runOf(parts: Parts): StatefulConfig['config'] {
  const { task = 'self-supervised', model = convNet, data = {}, losses, stage = {} } = parts
  const items = { split: { kind: 'random-items', fraction: 0.25 }, sampler: { kind: 'shuffled-items' } }
  const views: Parts['data'] = task === 'self-supervised' ? { augmentations: [{ kind: 'crop-resize' }] } : {}
  return {
    task,
    model,
    data: { ...items, ...views, images: { size: 8 }, ...data },
    stages: [
      {
        batchSize: 4,
        losses: losses.map((loss) => (typeof loss === 'string' ? { name: loss } : loss)),
        ...stage,
      },
    ],
  }
}

const classify = { task: 'image-classification', losses: ['cross-entropy'] }
const towers = {
  task: 'image-text',
  model: {
    kind: 'dual-encoder',
    image: { ...tower, patchSize: 4 },
    text: { ...tower, seqLen: 8 },
    projectionDim: 8,
  },
}

/** One for each kind of state that a checkpoint has to hold. */
export const statefulConfigs: readonly StatefulConfig[] = [
  {
    state: 'a queue, its ids and the teacher that fills it',
    config: runOf({ losses: [{ name: 'moco', params: { queueSize: 10 } }], stage: averaged }),
  },
  { state: 'a centre and a teacher', config: runOf({ losses: ['dino'], stage: averaged }) },
  {
    state: 'a centre, and places of small crops',
    config: runOf({
      losses: ['dino', 'swav'],
      stage: averaged,
      data: { smallCrops: { count: 2, size: 4 } },
    }),
  },
  { state: 'a teacher that the loss asks', config: runOf({ losses: ['byol'], stage: averaged }) },
  { state: 'a covariance', config: runOf({ losses: ['tico'] }) },
  {
    state: 'a queue of captions and a learned temperature',
    config: runOf({
      ...towers,
      losses: [{ name: 'moco', params: { queueSize: 6 } }, 'clip'],
      stage: { ...averaged, lossBalance: { kind: 'uncertainty' } },
    }),
  },
  {
    state: 'losses of earlier steps',
    config: runOf({
      ...towers,
      losses: ['clip', 'decorrelation'],
      stage: { lossBalance: { kind: 'averages' } },
    }),
  },
  {
    state: 'weights by gradient norms',
    config: runOf({
      ...towers,
      losses: ['clip', 'decorrelation'],
      stage: { lossBalance: { kind: 'gradient-norms' } },
    }),
  },
  {
    state: 'averaged weights and a patience',
    config: runOf({
      ...classify,
      stage: {
        weightAverage: { isEnabled: true, decay: 0.9 },
        earlyStopping: { isEnabled: true, patience: 50 },
        accumulationSteps: 2,
      },
    }),
  },
  {
    state: 'places of a sampler by class, and of mixed pictures',
    config: runOf({
      ...classify,
      losses: ['soft-cross-entropy'],
      data: { sampler: { kind: 'balanced-items' }, mixing: { kind: 'mixup' } },
    }),
  },
  {
    state: 'places of a sampler by group',
    config: runOf({ losses: ['nt-xent'], data: { sampler: { kind: 'grouped-items' } } }),
  },
  {
    state: 'places of a sampler by likeness',
    config: runOf({ losses: ['nt-xent'], data: { sampler: { kind: 'similar-items' } } }),
  },
  ...['adamw', 'sgd', 'lion', 'muon', 'adafactor', 'rmsprop', 'adagrad'].map((kind) => ({
    state: `moments of ${kind}`,
    config: runOf({
      ...classify,
      model: { kind: 'vit', ...tower, patchSize: 4 },
      stage: { optimizer: { kind } },
    }),
  })),
]
